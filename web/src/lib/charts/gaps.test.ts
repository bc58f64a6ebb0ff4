import { describe, expect, it } from 'vitest';
import type { Coverage, Stretch } from '../api/index.ts';
import en from '../i18n/en.ts';
import { blindSeconds, bucketEnd, gaps, gapsIn, type Gap } from './gaps.ts';
import { bucketWords, gapWords, reasonWords } from './gapWords.ts';

const iso = (at: number) => new Date(at * 1000).toISOString();
const stretch = (from: number, to: number, state: 'blind' | 'recovered' = 'blind', family: Stretch['family'] = 'messages'): Stretch => ({
	from: iso(from),
	to: iso(to),
	family,
	state,
	reason: 'session_lost'
});
const coverage = (blind: Stretch[], recovered: Stretch[] = []): Coverage => ({ ratio: 0.5, families: [], blind, recovered, merged: false });
const gap = (from: number, to: number, recovered = false): Gap => ({ from, to, recovered, reason: 'session_lost', families: ['voice'] });

describe('gaps of an answer', () => {
	it('say once what one cause silenced in several families', () => {
		const found = gaps(coverage([stretch(0, 60), stretch(0, 60, 'blind', 'voice'), stretch(90, 120)]));
		expect(found.map(({ from, to, families }) => [from, to, families])).toEqual([[0, 60, ['messages', 'voice']], [90, 120, ['messages']]]);
	});

	it('can be those of one family only', () => {
		expect(gaps(coverage([stretch(0, 60, 'blind', 'voice')], [stretch(0, 60, 'recovered')]), 'messages')).toMatchObject([{ recovered: true }]);
	});
});

describe('buckets', () => {
	it('are touched by the gaps that reach into them, by no neighbour', () => {
		const all = [gap(0, 100), gap(150, 160), gap(200, 300)];
		expect(gapsIn(all, 100, 200).map(({ gap: { from }, seconds }) => [from, seconds])).toEqual([[150, 10]]);
		expect(gapsIn(all, 90, 210).map(({ seconds }) => seconds)).toEqual([10, 10, 10]);
	});

	it('end where the next begins, the last as long as the one before', () => {
		expect([0, 1, 2].map((i) => bucketEnd([0, 60, 120], i))).toEqual([60, 120, 180]);
		expect(bucketEnd([0], 0)).toBe(3_600);
	});

	it('count overlapping blindness once, and what was read again not at all', () => {
		expect(blindSeconds([gap(50, 80), gap(0, 60), gap(10, 20), gap(90, 100, true)], 0, 100)).toBe(80);
		expect(blindSeconds([gap(-50, 10), gap(95, 200)], 0, 100)).toBe(15);
		expect(blindSeconds([], 0, 100)).toBe(0);
	});

	it('agree with a count second by second', () => {
		let seed = 7;
		const dice = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
		for (let round = 0; round < 200; round += 1) {
			const all = Array.from({ length: dice(6) }, () => {
				const from = dice(140) - 20;
				return gap(from, from + 1 + dice(50), dice(3) === 0);
			});
			const naive = Array.from({ length: 100 }, (_, at) => all.some((one) => !one.recovered && at >= one.from && at < one.to)).filter(Boolean).length;
			expect(blindSeconds(all, 0, 100)).toBe(naive);
		}
	});
});

describe('words', () => {
	it('say how long and why', () => {
		expect(gapWords({ gap: gap(0, 1_740), seconds: 1_740 }, en)).toBe('Not heard for 29\u00a0min: the connection to Discord was lost');
		expect(gapWords({ gap: gap(0, 45, true), seconds: 45 }, en)).toContain('Read again, 45\u00a0s');
		expect(reasonWords('something_new', en)).toBe('something new');
	});

	it('say how much of a bucket is missing, and nothing of a whole one', () => {
		expect(bucketWords([gap(0, 900)], 0, 3_600, en)).toContain('(25%)');
		expect(bucketWords([gap(0, 3_600)], 0, 3_600, en)).not.toContain('%');
		expect(bucketWords([gap(0, 900)], 3_600, 7_200, en)).toBe('');
		expect(bucketWords([gap(0, 900, true)], 0, 3_600, en)).toContain('Read again');
	});
});
