// A period in words.
import type { Period } from '#lib/api/index.ts';
import { range, seconds } from '#lib/format/time.ts';
import type { Dictionary } from '#lib/i18n/en.ts';
import type { View } from '#lib/state/view.ts';

/** "in the last 30 days", "over 1 – 7 Nov 2026". */
export function within(view: View, period: Period, t: Dictionary): string {
	if (view.range) return t.period.within[view.range];
	return t.period.withinCustom(range(seconds(period.from), seconds(period.to), period.tz));
}
