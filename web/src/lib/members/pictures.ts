// Growth and lifecycle, as the charts draw them.
import type { Growth, Lifecycle } from '../api/index.ts';
import { gaps } from '../charts/gaps.ts';
import type { Picture, PlotLine } from '../charts/plot.ts';

export const growthViews = ['flow', 'members'] as const;
export type GrowthView = (typeof growthViews)[number];

/** Joins against departures, or the number of members. */
export function growthPicture(growth: Growth, view: GrowthView, names: { members: string; joins: string; departures: string }): Picture {
	const { series } = growth;
	const lines: PlotLine[] =
		view === 'members'
			? [{ key: 'members', label: names.members, color: '--s4', values: series.members }]
			: [
					{ key: 'joins', label: names.joins, color: '--s2', values: series.joins },
					{ key: 'departures', label: names.departures, color: '--s3', values: series.departures }
				];
	return {
		t: series.t,
		step: series.step,
		zone: growth.period.tz,
		lines,
		compare: null,
		stacked: false,
		partialLast: series.partial_last && view === 'flow',
		gaps: gaps(growth.coverage, 'members'),
		level: view === 'members'
	};
}

export const stageViews = ['active', 'quiet'] as const;
export type StageView = (typeof stageViews)[number];
const stagesOf = { active: ['returning', 'new', 'resurrected'], quiet: ['dormant', 'left'] } as const;
const stageColors = { returning: '--s1', new: '--s2', resurrected: '--s3', dormant: '--s7', left: '--s4' } as const;
export type Stage = keyof typeof stageColors;

/** The active members of each week by what they were the week before; or those no longer active. */
export function lifecyclePicture(lifecycle: Lifecycle, view: StageView, names: Record<Stage, string>): Picture {
	return {
		t: lifecycle.t,
		step: 'week',
		zone: lifecycle.period.tz,
		lines: stagesOf[view].map((stage) => ({ key: stage, label: names[stage], color: stageColors[stage], values: lifecycle[stage] })),
		compare: null,
		stacked: true,
		partialLast: lifecycle.partial_last,
		gaps: gaps(lifecycle.coverage)
	};
}
