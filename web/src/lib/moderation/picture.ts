// Acts over time, as the chart draws them.
import type { ModerationSummary } from '../api/index.ts';
import { gaps } from '../charts/gaps.ts';
import type { Picture, PlotLine } from '../charts/plot.ts';

/** Lines with a colour of their own; the rest is drawn as one. */
const own = 6;

/** Sums of several lines; a bucket that none of them knows stays unknown. */
export function together(lines: readonly (readonly (number | null)[])[]): (number | null)[] {
	return (lines[0] ?? []).map((_, i) => {
		const known = lines.map((values) => values[i] ?? null).filter((value) => value !== null);
		return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
	});
}

/** The acts by action on top of each other; `names` says each, `other` the rest. */
export function actsPicture(summary: ModerationSummary, names: Record<string, string>, other: string, hidden: ReadonlySet<string> = new Set()): Picture {
	const { series } = summary;
	const lines: PlotLine[] = series.lines.slice(0, own).map((line, i) => ({
		key: line.action,
		label: names[line.action] ?? line.action,
		color: `--s${i + 1}`,
		values: line.values
	}));
	if (series.lines.length > own) {
		lines.push({ key: 'other', label: other, color: '--s7', values: together(series.lines.slice(own).map((line) => line.values)) });
	}
	return {
		t: series.t,
		step: series.step,
		zone: summary.period.tz,
		lines: lines.filter((line) => !hidden.has(line.key)),
		compare: null,
		stacked: true,
		partialLast: series.partial_last,
		gaps: gaps(summary.coverage, 'moderation')
	};
}
