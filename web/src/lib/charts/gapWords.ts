// A stretch that was not heard, in words.
import { span } from '../format/duration.ts';
import { percent } from '../format/number.ts';
import type { Dictionary } from '../i18n/en.ts';
import { blindSeconds, gapsIn, type Gap, type Touched } from './gaps.ts';

/** Why, in the viewer's words; a reason that this page does not know is shown as the server says it. */
export function reasonWords(reason: string, t: Dictionary): string {
	return (t.gap.reasons as Record<string, string>)[reason] ?? reason.replaceAll('_', ' ');
}

/** "Not heard for 29 min: the connection was lost". */
export function gapWords({ gap, seconds }: Touched, t: Dictionary): string {
	const said = gap.recovered ? t.gap.recovered : t.gap.blind;
	return said(span(seconds), reasonWords(gap.reason, t));
}

/** What a row of a chart's table says about the bucket it stands for; nothing when all of it was heard. */
export function bucketWords(gaps: readonly Gap[], from: number, to: number, t: Dictionary): string {
	const touched = gapsIn(gaps, from, to);
	const first = touched[0];
	if (!first) return '';
	const blind = blindSeconds(gaps, from, to);
	if (blind === 0) return gapWords({ gap: first.gap, seconds: touched.reduce((sum, part) => sum + part.seconds, 0) }, t);
	const worst = touched.find((part) => !part.gap.recovered) ?? first;
	const words = gapWords({ gap: worst.gap, seconds: blind }, t);
	return blind >= to - from ? words : `${words} (${percent(blind / (to - from))})`;
}
