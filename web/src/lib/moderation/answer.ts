// The first sentence of the moderation page.
import type { ModerationSummary } from '#lib/api/index.ts';
import { num } from '#lib/format/number.ts';
import { pageWords, t } from '#lib/i18n/index.svelte.ts';
import type { Sentence } from '#lib/parts/answer.ts';
import { within } from '#lib/parts/period.ts';
import type { View } from '#lib/state/view.ts';

export function moderationAnswer(summary: ModerationSummary, view: View): Sentence {
	const words = pageWords('moderation');
	const when = within(view, summary.period, t());
	if (summary.acts.value === 0) return { answer: words.quiet(when) };
	const known = summary.moderators.filter((row) => row.moderator !== null).length;
	const acts = words.acts(summary.acts.value);
	const most = summary.actions[0];
	return {
		answer: known ? words.answer(acts, words.moderators(known), when) : words.answerUnknown(acts, when),
		extra: most ? words.most(words.actions[most.action], num(most.value)) : ''
	};
}

/** How many bans and timeouts there were, and how many of them were lifted again. */
export function reversals(summary: ModerationSummary): { of: number; reversed: number } {
	const reversible = summary.actions.filter((row) => row.action === 'ban' || row.action === 'timeout');
	return {
		of: reversible.reduce((sum, row) => sum + row.value, 0),
		reversed: reversible.reduce((sum, row) => sum + row.reversed, 0)
	};
}
