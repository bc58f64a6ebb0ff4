// The first sentence of the invites page.
import type { InviteStats } from '#lib/api/index.ts';
import { percent } from '#lib/format/number.ts';
import { pageWords, t } from '#lib/i18n/index.svelte.ts';
import type { Sentence } from '#lib/parts/answer.ts';
import { memberName } from '#lib/parts/name.ts';
import { within } from '#lib/parts/period.ts';
import type { View } from '#lib/state/view.ts';

export function invitesAnswer(stats: InviteStats, view: View): Sentence {
	const words = pageWords('people').invites;
	const when = within(view, stats.period, t());
	if (stats.joins === 0) return { answer: words.quiet(when) };
	const first = stats.recruiters[0];
	if (!first) return { answer: words.nobody(t().count.joins(stats.joins), when) };
	return {
		answer: words.leads(memberName(first.inviter), t().count.joins(first.joins)),
		extra: first.decided > 0 ? words.leadsStayed(percent(first.stayed / first.decided), stats.rules.stayed_days) : ''
	};
}
