// From the answer of the server to what the chart draws.
import type { Comparison, Coverage, Line, Metric, Series, ValueSeries } from '../api/index.ts';
import { inMinutes } from '../format/value.ts';
import type { Dictionary } from '../i18n/en.ts';
import { gaps } from './gaps.ts';
import type { Picture, PlotLine } from './plot.ts';

/** The colour each metric has everywhere. */
export const metricColor: Record<Metric, string> = {
	messages: '--s1',
	voice_minutes: '--s2',
	active_voice_minutes: '--s2',
	reactions: '--s3',
	active_members: '--s4',
	commands: '--s5',
	members: '--s4',
	joins: '--s2',
	departures: '--s3'
};

/** The name of a line in the viewer's words. */
export function lineName(line: Line, series: Series, t: Dictionary): string {
	if (line.key === 'other') return t.app.other;
	if (line.key === 'all') return t.metric[series.metric];
	if (line.key === 'none') return t.chart.uncategorised;
	if (line.member) return line.member.display_name ?? line.member.name;
	if (line.channel) return channelName(line.channel, t);
	if (series.split === 'kind') return t.chart.kinds[line.key as keyof typeof t.chart.kinds] ?? line.label;
	if (series.split === 'state') return t.voiceStates[line.key as keyof typeof t.voiceStates] ?? line.label;
	return line.label;
}

/** "#general"; a category or voice channel without the sign that writes text channels. */
export function channelName(channel: { name: string | null; kind: string }, t: Dictionary): string {
	if (!channel.name) return t.app.unknownChannel;
	return channel.kind === 'text' || channel.kind === 'announcement' ? `#${channel.name}` : channel.name;
}

/** The picture of a series; `hidden` are keys of lines switched off. */
export function seriesPicture(series: Series, t: Dictionary, hidden: ReadonlySet<string> = new Set()): Picture {
	const split = series.split !== 'none';
	const lines: PlotLine[] = series.series
		.map((line, i) => ({
			key: line.key,
			label: lineName(line, series, t),
			color: !split ? metricColor[series.metric] : line.key === 'other' ? '--s7' : `--s${(i % 6) + 1}`,
			values: line.values
		}))
		.filter((line) => !hidden.has(line.key));
	return {
		t: series.t,
		step: series.step,
		zone: series.period.tz,
		lines,
		compare: split ? null : (series.compare?.values ?? null),
		// Members of two channels, and moments that are both muted and alone, would count twice.
		stacked: split && series.split !== 'state' && series.metric !== 'active_members',
		partialLast: series.partial_last,
		gaps: gaps(series.coverage),
		minutes: inMinutes(series.metric),
		level: series.metric === 'members'
	};
}

export interface OneLine {
	series: ValueSeries;
	zone: string;
	coverage: Coverage;
	/** What the line counts. */
	metric: 'messages' | 'voice_minutes';
	compare?: Comparison | null;
}

/** The picture of the one line of a member or a channel. */
export function valuePicture({ series, zone, coverage, metric, compare }: OneLine, t: Dictionary): Picture {
	return {
		t: series.t,
		step: series.step,
		zone,
		lines: [{ key: 'all', label: t.metric[metric], color: metricColor[metric], values: series.values }],
		compare: compare?.values ?? null,
		stacked: false,
		partialLast: series.partial_last,
		gaps: gaps(coverage, metric === 'messages' ? 'messages' : 'voice'),
		minutes: inMinutes(metric)
	};
}
