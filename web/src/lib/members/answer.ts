// The first sentence of the members page.
import type { Growth } from '#lib/api/index.ts';
import { num } from '#lib/format/number.ts';
import { pageWords, t } from '#lib/i18n/index.svelte.ts';
import type { Sentence } from '#lib/parts/answer.ts';
import { within } from '#lib/parts/period.ts';
import type { View } from '#lib/state/view.ts';

export function membersAnswer(growth: Growth, view: View): Sentence {
	const words = pageWords('people').members;
	const when = within(view, growth.period, t());
	const joins = t().count.joins(growth.joins.value);
	const change = growth.members.change;
	if (change === null) return { answer: words.unknown(joins, when), extra: '' };
	const grown = change > 0 ? words.grew(num(change), when) : change < 0 ? words.shrank(num(-change), when) : words.same(when);
	return { answer: grown, extra: words.flows(joins, t().count.departures(growth.departures.value)) };
}
