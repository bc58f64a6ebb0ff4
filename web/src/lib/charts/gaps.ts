// Stretches that were not heard as they happened, and which buckets they touch.
import type { Coverage, Family } from '../api/index.ts';
import { seconds } from '../format/time.ts';

export interface Gap {
	/** Unix seconds. */
	from: number;
	to: number;
	/** The server's word for why; `t().gap.reasons` says it. */
	reason: string;
	/** What was not heard; several where one cause silenced them all. */
	families: Family[];
	/** Read again from history: nothing is missing, it was only heard later. */
	recovered: boolean;
}

/** The gaps of an answer, or of one family of it; the same stretch of several families is one gap. */
export function gaps(coverage: Pick<Coverage, 'blind' | 'recovered'>, family?: Family): Gap[] {
	const found = new Map<string, Gap>();
	for (const stretch of [...coverage.recovered, ...coverage.blind]) {
		if (family && stretch.family !== family) continue;
		const key = `${stretch.from} ${stretch.to} ${stretch.reason} ${stretch.state}`;
		const known = found.get(key);
		if (known) known.families.push(stretch.family);
		else {
			found.set(key, {
				from: seconds(stretch.from),
				to: seconds(stretch.to),
				reason: stretch.reason,
				families: [stretch.family],
				recovered: stretch.state === 'recovered'
			});
		}
	}
	return [...found.values()];
}

/** First instant after bucket `i`; the last is as long as the one before it. */
export function bucketEnd(t: readonly number[], i: number): number {
	const start = t[i] ?? 0;
	const next = t[i + 1];
	if (next !== undefined) return next;
	return start + (i > 0 ? start - (t[i - 1] ?? start) : 3_600);
}

export interface Touched {
	gap: Gap;
	/** The part of the gap that lies in the bucket, in seconds. */
	seconds: number;
}

/** The gaps that reach into a bucket, the longest part first. */
export function gapsIn(all: readonly Gap[], from: number, to: number): Touched[] {
	return all
		.map((gap) => ({ gap, seconds: Math.min(gap.to, to) - Math.max(gap.from, from) }))
		.filter((touched) => touched.seconds > 0)
		.sort((a, b) => b.seconds - a.seconds);
}

/** Seconds of a bucket that are blind; stretches read again from history are not. Overlapping gaps count once. */
export function blindSeconds(all: readonly Gap[], from: number, to: number): number {
	let sum = 0;
	let reached = from;
	for (const gap of [...all].sort((a, b) => a.from - b.from)) {
		if (gap.recovered) continue;
		const start = Math.max(gap.from, reached);
		const end = Math.min(gap.to, to);
		if (end <= start) continue;
		sum += end - start;
		reached = end;
	}
	return sum;
}
