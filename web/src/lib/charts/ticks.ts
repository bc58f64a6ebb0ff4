// Where the time axis is labelled: on buckets, at round local times, never closer than they can be read.
import type { Step } from '../format/time.ts';

const minute = 60;
const hour = 3_600;
const day = 86_400;
const spacings = [minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day];

/** Seconds to add to UTC for the local time of `zone` at `at`. */
export function offset(at: number, zone: string): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone: zone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric'
	}).formatToParts(at * 1000);
	const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
	const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
	return Math.round(local / 1000 - at);
}

export interface Tick {
	at: number;
	/** A label at local midnight names the day, others the time. */
	midnight: boolean;
}

/** At most `most` of the bucket starts `t`, evenly spaced. */
export function ticks(t: readonly number[], step: Step, zone: string, most: number): Tick[] {
	const first = t[0];
	const last = t.at(-1);
	if (first === undefined || last === undefined) return [];
	if (step === 'day' || step === 'week' || step === 'month') {
		const stride = Math.max(1, Math.ceil(t.length / Math.max(1, most)));
		const from = (t.length - 1) % stride;
		return t.filter((_, i) => i % stride === from).map((at) => ({ at, midnight: true }));
	}
	const start = offset(first, zone);
	const end = offset(last, zone);
	// Between two clock changes at most one lies in a chart this fine: the offset of its side is enough.
	const local = (at: number) => at + (start === end || at - first < last - at ? start : end);
	const spacing = spacings.find((candidate) => (last - first) / candidate < most) ?? 7 * day;
	return t
		.filter((at) => local(at) % spacing === 0)
		.map((at) => ({ at, midnight: local(at) % day === 0 }));
}
