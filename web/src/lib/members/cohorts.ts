// The cells of the cohort table. No browser here.
import type { Cohort, CohortWeek } from '../api/index.ts';
import type { Query } from '../state/view.ts';

export const sizes = ['day', 'week', 'month'] as const;
export type CohortSize = (typeof sizes)[number];
export const measures = ['present', 'active'] as const;
export type Measure = (typeof measures)[number];

export function readSize(query: Query): CohortSize {
	return sizes.find((known) => known === query.get('cohort')) ?? 'week';
}

export function readMeasure(query: Query): Measure {
	return measures.find((known) => known === query.get('measure')) ?? 'present';
}

export interface Cell {
	/** Part of those whose week is over; null while it is over for nobody. */
	share: number | null;
	n: number;
	of: number;
	/** The week is over for some of the cohort only: the share may still move. */
	open: boolean;
}

export function cell(week: CohortWeek | undefined, joined: number, measure: Measure): Cell {
	if (!week || week.reached === 0) return { share: null, n: 0, of: 0, open: true };
	return { share: week[measure] / week.reached, n: week[measure], of: week.reached, open: week.reached < joined };
}

/** Cohorts worth a row: those in which somebody joined, the latest first. */
export function rowsOf(cohorts: readonly Cohort[]): Cohort[] {
	return cohorts.filter((cohort) => cohort.joined > 0).reverse();
}

/** How many weeks have something to tell. */
export function weeksTold(total: readonly CohortWeek[]): number {
	return total.reduce((told, week, i) => (week.reached > 0 ? i + 1 : told), 0);
}
