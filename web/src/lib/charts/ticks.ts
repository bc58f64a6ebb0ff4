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

/** Local seconds of the instants within `t`, asking for the offset only as often as it takes to find a clock change. */
function localTime(t: readonly number[], zone: string): (at: number) => number {
	const start = offset(t[0] ?? 0, zone);
	const end = offset(t.at(-1) ?? 0, zone);
	if (start === end) return (at) => at + start;
	let low = 0;
	let high = t.length - 1;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (offset(t[middle] ?? 0, zone) === start) low = middle;
		else high = middle;
	}
	const change = t[high] ?? 0;
	return (at) => at + (at < change ? start : end);
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
	const local = localTime(t, zone);
	const spacing = spacings.find((candidate) => (last - first) / candidate < most) ?? 7 * day;
	return t
		.filter((at) => local(at) % spacing === 0)
		.map((at) => ({ at, midnight: local(at) % day === 0 }));
}
