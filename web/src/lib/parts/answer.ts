// The first sentence of each page: its answer.
import type { ChannelPage, MemberPage, Overview } from '#lib/api/index.ts';
import { change as changeOf } from '#lib/format/change.ts';
import { duration } from '#lib/format/duration.ts';
import { direction, num, signedPercent } from '#lib/format/number.ts';
import type { Dictionary } from '#lib/i18n/en.ts';
import type { View } from '#lib/state/view.ts';
import { within } from './period.ts';

/** A change without its sign, for a sentence that says which way. */
const size = (change: number) => signedPercent(change).replace(/^[+−×]/, (sign) => (sign === '×' ? '×' : ''));

export interface Sentence {
	answer: string;
	/** How it changed, where there is room to say it. */
	extra?: string;
}

export function overviewAnswer(overview: Overview, view: View, t: Dictionary): Sentence {
	const { messages, active_members } = overview.cards;
	const when = within(view, overview.period, t);
	if (messages.value === 0) return { answer: t.overview.quiet(when) };
	const answer = t.overview.answer(t.count.messages(messages.value), t.count.people(active_members.value), when);
	return { answer, extra: overviewChange(messages.delta, view, t) };
}

function overviewChange(delta: number | null, view: View, t: Dictionary): string {
	if (delta === null || view.compare === 'none') return '';
	const than = t.compare.than[view.compare];
	const way = direction(delta);
	if (way === 'flat') return `, ${t.overview.same(than)}`;
	return `, ${(way === 'up' ? t.overview.more : t.overview.less)(size(delta), than)}`;
}

export function memberAnswer(member: MemberPage, view: View, t: Dictionary): string {
	const messages = t.count.messages(member.totals.messages);
	const when = within(view, member.period, t);
	return member.rank === null ? t.member.answerNoRank(messages, when) : t.member.answer(messages, when, num(member.rank));
}

/** A channel that lost more than a third of its messages is fading. */
const fading = -0.34;

export function channelAnswer(channel: ChannelPage, view: View, t: Dictionary): string {
	const { messages, active_members, voice_minutes } = channel.totals;
	const when = within(view, channel.period, t);
	const spoken = channel.channel.kind === 'voice' || channel.channel.kind === 'stage';
	if (voice_minutes > 0 && (spoken || messages === 0)) return t.channel.talked(duration(voice_minutes), t.count.people(active_members), when);
	if (messages === 0) return t.channel.silent(when);
	const before = { value: channel.previous?.messages ?? null, covered: channel.previous_coverage };
	const covered = channel.coverage.families.find((part) => part.family === 'messages')?.ratio ?? 1;
	const change = changeOf({ value: messages, covered }, before).change ?? 0;
	if (change < fading && view.compare !== 'none') {
		const less = t.overview.less(size(change), t.compare.than[view.compare]);
		return t.channel.fading(t.count.messages(messages), when, less);
	}
	return t.channel.alive(t.count.messages(messages), t.count.people(active_members), when);
}
