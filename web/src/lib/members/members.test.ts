import { describe, expect, it } from 'vitest';
import type { Cohort, Growth, Lifecycle } from '../api/index.ts';
import { cell, readMeasure, readSize, rowsOf, weeksTold } from './cohorts.ts';
import { growthPicture, lifecyclePicture } from './pictures.ts';

const cohort = (joined: number): Cohort => ({ from: '', to: '', joined, unheard: 0, complete: true, coverage: 1, weeks: [] });
const coverage = { ratio: 1, families: [], blind: [], recovered: [], merged: false };
const period = { from: '', to: '', tz: 'UTC' };

describe('the cohort table', () => {
	it('tells shares of those whose week is over', () => {
		expect(cell({ reached: 40, present: 30, active: 10 }, 40, 'present')).toEqual({ share: 0.75, n: 30, of: 40, open: false });
		expect(cell({ reached: 20, present: 15, active: 10 }, 40, 'active')).toEqual({ share: 0.5, n: 10, of: 20, open: true });
	});

	it('tells nothing of a week that is over for nobody', () => {
		expect(cell({ reached: 0, present: 0, active: 0 }, 40, 'present').share).toBeNull();
		expect(cell(undefined, 40, 'present').share).toBeNull();
	});

	it('has a row for each cohort that somebody joined, the latest first', () => {
		expect(rowsOf([cohort(3), cohort(0), cohort(5)]).map((row) => row.joined)).toEqual([5, 3]);
	});

	it('has as many columns as there are weeks to tell', () => {
		const week = (reached: number) => ({ reached, present: 0, active: 0 });
		expect(weeksTold([week(9), week(4), week(0), week(0)])).toBe(2);
		expect(weeksTold([])).toBe(0);
	});

	it('takes its size and measure from the address', () => {
		expect(readSize(new URLSearchParams('cohort=month'))).toBe('month');
		expect(readSize(new URLSearchParams('cohort=century'))).toBe('week');
		expect(readMeasure(new URLSearchParams('measure=active'))).toBe('active');
		expect(readMeasure(new URLSearchParams(''))).toBe('present');
	});
});

describe('the pictures', () => {
	const growth = { period, coverage, series: { t: [0, 86_400], step: 'day', partial_last: true, partial: [], members: [10, 11], joins: [2, 3], departures: [1, 2] } } as unknown as Growth;
	const names = { members: 'Members', joins: 'Joins', departures: 'Departures' };

	it('draw joins against departures, and members as a level', () => {
		const flow = growthPicture(growth, 'flow', names);
		expect(flow.lines.map((line) => line.key)).toEqual(['joins', 'departures']);
		expect(flow.partialLast).toBe(true);
		const level = growthPicture(growth, 'members', names);
		// How many members there are now is known, however young the day is.
		expect([level.level, level.partialLast, level.lines[0]?.values]).toEqual([true, false, [10, 11]]);
	});

	it('stack the stages of those active, and of those no longer', () => {
		const lifecycle = { period, coverage, t: [0], partial_last: false, partial: [], new: [1], returning: [2], resurrected: [3], dormant: [4], left: [5], joins: [6], note: null } as unknown as Lifecycle;
		const stages = { returning: 'r', new: 'n', resurrected: 'b', dormant: 'd', left: 'l' };
		expect(lifecyclePicture(lifecycle, 'active', stages).lines.map((line) => line.values[0])).toEqual([2, 1, 3]);
		expect(lifecyclePicture(lifecycle, 'quiet', stages).lines.map((line) => line.values[0])).toEqual([4, 5]);
	});
});
