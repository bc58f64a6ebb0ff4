// How many members were gained or lost, in words.
import { num } from '#lib/format/number.ts';
import { t } from '#lib/i18n/index.svelte.ts';

/** "+12 in this period"; nothing where it is not known. */
export function gained(change: number | null): string {
	if (change === null) return '';
	const sign = change > 0 ? '+' : change < 0 ? '−' : '±';
	return t().overview.gained(`${sign}${num(Math.abs(change))}`);
}
