import { describe, expect, it } from 'vitest';
import type { Series } from '../api/index.ts';
import en from '../i18n/en.ts';
import { averages, peak, shade, shades } from './heat.ts';
import { channels, mix } from './mix.ts';
import { channelName, seriesPicture } from './picture.ts';
import { marksOf, scale, splitPartial, stack } from './plot.ts';
import { finished, sparkPaths } from './spark.ts';
import { offset, ticks } from './ticks.ts';

const at = (text: string) => Date.parse(text) / 1000;
const line = (key: string, values: (number | null)[]) => ({ key, label: key, color: '--s1', values });

describe('time axis', () => {
	it('labels midnights of the zone, not of UTC', () => {
		const t = Array.from({ length: 72 }, (_, i) => at('2026-11-06T00:00:00Z') + i * 3600);
		const found = ticks(t, 'hour', 'Asia/Tokyo', 4);
		expect(found.length).toBeGreaterThan(1);
		expect(found.every((tick) => (tick.at + 9 * 3600) % 86_400 === 0 && tick.midnight)).toBe(true);
	});

	it('finds round hours on both sides of a clock change', () => {
		const t = Array.from({ length: 48 }, (_, i) => at('2026-10-24T22:00:00Z') + i * 3600);
		const hours = ticks(t, 'hour', 'Europe/Paris', 9).map((tick) => new Date((tick.at + offset(tick.at, 'Europe/Paris')) * 1000).getUTCHours());
		expect(hours.every((hour) => hour % 6 === 0)).toBe(true);
	});

	it('never labels more than fits, and always the last day', () => {
		const t = Array.from({ length: 90 }, (_, i) => at('2026-08-01T00:00:00Z') + i * 86_400);
		const found = ticks(t, 'day', 'UTC', 7);
		expect(found.length).toBeLessThanOrEqual(7);
		expect(found.at(-1)?.at).toBe(t.at(-1));
	});

	it('knows offsets off the hour', () => {
		expect(offset(at('2026-11-06T12:00:00Z'), 'Asia/Kathmandu')).toBe(5.75 * 3600);
	});
});

describe('lines', () => {
	it('stack on each other and leave gaps open', () => {
		expect(stack([line('a', [1, 2, null]), line('b', [10, null, 30])])).toEqual([[1, 2, null], [11, null, 30]]);
	});

	it('break before a bucket that is not over', () => {
		expect(splitPartial([1, 2, 3])).toEqual([[1, 2, null], [null, 2, 3]]);
	});

	it('have an axis with a little air, a few whole steps, and a mark at its top', () => {
		for (const max of [0, 1, 3, 4, 9, 10, 97, 213, 2_580, 12_300, 9_999_999]) {
			const { top, step } = scale(max);
			expect(top).toBeGreaterThan(max);
			expect(Number.isInteger(step) && top % step === 0).toBe(true);
			expect(top / step).toBeGreaterThanOrEqual(2);
			expect(top / step).toBeLessThanOrEqual(5);
		}
		expect(scale(null)).toEqual(scale(0));
	});

	it('have the same axis again when asked by its top', () => {
		for (const max of [0, 5, 213, 2_580, 12_300]) expect(scale(scale(max).top / 1.04)).toEqual(scale(max));
	});

	it('have whole hours on an axis of many minutes', () => {
		for (const max of [180, 185, 1_000, 43_210]) {
			const { top, step } = scale(max, true);
			expect(top).toBeGreaterThan(max);
			expect(step % 60).toBe(0);
		}
		expect(scale(179, true)).toEqual(scale(179));
		expect(marksOf(scale(179, true).top, true).at(-1)).toBe(scale(179).top);
		expect(marksOf(scale(1_000, true).top, true).every((value) => value % 60 === 0)).toBe(true);
	});

	it('mix colours however the build wrote them', () => {
		expect(channels('#fff')).toEqual([255, 255, 255]);
		expect(mix('#000000', '#fff', 0.5)).toBe('rgb(128 128 128)');
	});
});

describe('sparkline', () => {
	it('stays in its box and breaks at gaps', () => {
		const { line: path } = sparkPaths([0, 5, null, 10]);
		expect(path.match(/M/g)).toHaveLength(2);
		expect([...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].every((point) => Number(point[2]) >= 8 && Number(point[2]) <= 98)).toBe(true);
	});

	it('leaves out the bucket that still runs', () => {
		expect(finished({ t: [0, 100, 200], v: [1, 2, 3] }, 250)).toEqual([1, 2]);
		expect(finished({ t: [0, 100, 200], v: [1, 2, 3] }, 301)).toEqual([1, 2, 3]);
		expect(finished({ t: [], v: [] }, 1)).toEqual([]);
	});
});

describe('heatmap', () => {
	it('averages over the hours there were, and knows hours there were not', () => {
		expect(averages([[10, 10]], [[2, 0]])).toEqual([[5, null]]);
	});

	it('finds the peak, and none in silence', () => {
		expect(peak([[0, 3], [9, null]])).toEqual({ day: 1, hour: 0, value: 9 });
		expect(peak([[0, null]])).toBeNull();
	});

	it('shades nothing with nothing and the most with the most', () => {
		expect(shade(0, 10)).toBe(0);
		expect(shade(null, 10)).toBe(0);
		expect(shade(0.001, 10)).toBe(1);
		expect(shade(10, 10)).toBe(shades);
	});
});

describe('picture of a series', () => {
	const series = {
		period: { from: '', to: '', tz: 'UTC' },
		metric: 'messages',
		step: 'day',
		split: 'channel',
		t: [0, 86_400],
		partial_last: true,
		series: [
			{ key: '1', label: 'general', channel: { id: '1', name: 'general', kind: 'text', parent_id: null, parent_name: null, deleted: false }, values: [1, 2], total: 3 },
			{ key: 'other', label: 'other', values: [3, 4], total: 7 }
		],
		compare: null,
		partial: [],
		coverage: {
			ratio: 0.5,
			families: [{ family: 'messages', ratio: 0.5 }],
			blind: [{ from: '1970-01-01T00:00:00Z', to: '1970-01-01T01:00:00Z', family: 'messages', state: 'blind', reason: 'session_lost' }],
			recovered: [],
			merged: false
		},
		note: null
	} satisfies Series;

	it('stacks parts, names them, and keeps blind time', () => {
		const picture = seriesPicture(series, en);
		expect(picture.stacked).toBe(true);
		expect(picture.lines.map((drawn) => drawn.label)).toEqual(['#general', 'Other']);
		expect(picture.gaps).toMatchObject([{ from: 0, to: 3600, recovered: false }]);
	});

	it('keeps the colours of the others when one is hidden', () => {
		const [, other] = seriesPicture(series, en).lines;
		expect(seriesPicture(series, en, new Set(['1'])).lines).toEqual([other]);
	});

	it('does not stack members or voice states, which would count twice', () => {
		expect(seriesPicture({ ...series, metric: 'active_members' }, en).stacked).toBe(false);
		expect(seriesPicture({ ...series, metric: 'voice_minutes', split: 'state' }, en).stacked).toBe(false);
	});

	it('names channels as Discord does', () => {
		expect(channelName({ name: 'general', kind: 'text' }, en)).toBe('#general');
		expect(channelName({ name: 'Lounge', kind: 'voice' }, en)).toBe('Lounge');
		expect(channelName({ name: null, kind: 'text' }, en)).toBe('Unknown channel');
	});
});
