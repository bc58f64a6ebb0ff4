// The first sentence of the coverage page.
import type { Ledger } from '#lib/api/index.ts';
import { blindSeconds, gaps } from '#lib/charts/gaps.ts';
import { span } from '#lib/format/duration.ts';
import { covered } from '#lib/format/number.ts';
import { seconds } from '#lib/format/time.ts';
import { pageWords, t } from '#lib/i18n/index.svelte.ts';
import { within } from '#lib/parts/period.ts';
import type { View } from '#lib/state/view.ts';

/** Time before Vigie listened is not a gap: nothing was lost that it was there for. */
export function isGap(reason: string): boolean {
	return reason !== 'not_installed';
}

export function coverageAnswer(ledger: Ledger, view: View): string {
	const words = pageWords('coverage');
	const when = within(view, ledger.period, t());
	const all = gaps(ledger.coverage).filter((gap) => isGap(gap.reason));
	const blind = all.filter((gap) => !gap.recovered);
	if (all.length === 0) return words.nothing(when);
	if (blind.length === 0) return words.readAgain(when);
	const length = blindSeconds(blind, seconds(ledger.period.from), seconds(ledger.period.to));
	const worst = [...ledger.families].sort((a, b) => a.ratio - b.ratio)[0];
	const least = worst ? words.worst(t().gap.families[worst.family], covered(worst.ratio)) : '';
	return words.answer(words.gaps(blind.length), span(length), when) + least;
}
