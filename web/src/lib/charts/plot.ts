// What uPlot is told: columns, lines and marks of one picture. No components here.
import uPlot from 'uplot';
import { compact } from '../format/number.ts';
import { tick, type Step } from '../format/time.ts';
import type { Gap } from './gaps.ts';
import { mix, veil } from './mix.ts';
import { ticks } from './ticks.ts';

export interface PlotLine {
	key: string;
	label: string;
	/** Name of a CSS variable. */
	color: string;
	values: readonly (number | null)[];
}

export interface Picture {
	t: readonly number[];
	step: Step;
	zone: string;
	lines: readonly PlotLine[];
	compare: readonly (number | null)[] | null;
	/** Values of the lines are parts of a whole: shown on top of each other. */
	stacked: boolean;
	/** The last bucket is not over. */
	partialLast: boolean;
	/** What was not heard as it happened. */
	gaps: readonly Gap[];
	/** Values are minutes: said as hours and minutes. Otherwise they are counts. */
	minutes?: boolean;
	/** Values are a level that moves little against its size: the axis begins near them, not at zero. */
	level?: boolean;
	/** What else happened, to be read beside the lines. */
	notes?: readonly Note[];
}

/** Something that happened at one instant. */
export interface Note {
	/** Unix seconds. */
	at: number;
	text: string;
}

interface Paint {
	ink: string;
	muted: string;
	grid: string;
	card: string;
	of: (variable: string) => string;
}

function paint(): Paint {
	const style = getComputedStyle(document.documentElement);
	const of = (variable: string) => style.getPropertyValue(variable).trim();
	return { ink: of('--ink'), muted: of('--muted'), grid: of('--grid'), card: of('--card'), of };
}

/** Running sums from the first line up, so that each line is drawn on top of those before it. */
export function stack(lines: readonly PlotLine[]): (number | null)[][] {
	const sums: (number | null)[][] = [];
	for (const line of lines) {
		const below = sums.at(-1);
		sums.push(line.values.map((value, i) => (value === null ? null : value + (below?.[i] ?? 0))));
	}
	return sums;
}

/** The solid part of a line whose last bucket still runs, and the dashed rest. */
export function splitPartial(values: readonly (number | null)[]): [(number | null)[], (number | null)[]] {
	const last = values.length - 1;
	return [
		values.map((value, i) => (i < last ? value : null)),
		values.map((value, i) => (i >= last - 1 ? value : null))
	];
}

type Column = (number | null)[];

interface Layers {
	columns: Column[];
	series: uPlot.Series[];
}

function layers(picture: Picture, paint: Paint): Layers {
	const columns: Column[] = [];
	const series: uPlot.Series[] = [];
	const lonely = picture.t.length < 3;
	const add = (values: readonly (number | null)[], options: uPlot.Series) => {
		columns.push(values as Column);
		series.push({ points: { show: lonely, size: 6 }, spanGaps: false, ...options });
	};
	if (picture.stacked) {
		const sums = stack(picture.lines);
		// The tallest first: each next one covers what is not its own.
		for (let i = sums.length - 1; i >= 0; i--) {
			const color = paint.of(picture.lines[i]?.color ?? '--s7');
			add(sums[i] ?? [], { stroke: color, width: 1.25, fill: mix(color, paint.card, 0.42) });
		}
		return { columns, series };
	}
	if (picture.compare) add(picture.compare, { stroke: paint.muted, width: 1.5, dash: [4, 4] });
	const single = picture.lines.length === 1;
	for (const line of picture.lines) {
		const color = paint.of(line.color);
		const fill = single ? veil(color, 0.13) : undefined;
		if (picture.partialLast && !lonely) {
			const [whole, rest] = splitPartial(line.values);
			add(whole, { stroke: color, width: 2, fill });
			add(rest, { stroke: color, width: 2, dash: [2, 4], fill: single ? veil(color, 0.06) : undefined });
		} else add(line.values, { stroke: color, width: 2, fill });
	}
	return { columns, series };
}

/** Diagonal lines over the time that could not be heard, dots where it was read again; a veil over the bucket that is not over. */
function marks(picture: Picture, paint: Paint) {
	return (plot: uPlot) => {
		const { ctx, bbox } = plot;
		for (const gap of picture.gaps) {
			const left = Math.max(bbox.left, plot.valToPos(gap.from, 'x', true));
			const right = Math.min(bbox.left + bbox.width, plot.valToPos(gap.to, 'x', true));
			// However short, what is missing shows.
			const width = Math.max(2 * devicePixelRatio, right - left);
			if (right > left) (gap.recovered ? dots : hatch)(ctx, Math.min(left, bbox.left + bbox.width - width), bbox.top, width, bbox.height, paint);
		}
		flags(plot, picture.notes ?? [], paint);
		if (picture.stacked && picture.partialLast && picture.t.length > 2) {
			const left = plot.valToPos(picture.t.at(-2) ?? 0, 'x', true);
			ctx.save();
			ctx.globalAlpha = 0.55;
			ctx.fillStyle = paint.card;
			ctx.fillRect(left, bbox.top, bbox.left + bbox.width - left, bbox.height);
			ctx.restore();
		}
	};
}

/** A small flag on the time axis for each thing that happened; near ones stand as one. */
function flags(plot: uPlot, notes: readonly Note[], paint: Paint): void {
	const { ctx, bbox } = plot;
	const size = 4 * devicePixelRatio;
	let last = Number.NEGATIVE_INFINITY;
	ctx.save();
	ctx.fillStyle = paint.muted;
	ctx.strokeStyle = paint.muted;
	ctx.lineWidth = devicePixelRatio;
	for (const note of [...notes].sort((a, b) => a.at - b.at)) {
		const x = plot.valToPos(note.at, 'x', true);
		if (x < bbox.left || x > bbox.left + bbox.width || x - last < 2 * size) continue;
		last = x;
		ctx.globalAlpha = 0.35;
		ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
		ctx.beginPath();
		ctx.moveTo(x, bbox.top + 2 * size);
		ctx.lineTo(x, bbox.top + bbox.height);
		ctx.stroke();
		ctx.globalAlpha = 1;
		ctx.beginPath();
		ctx.moveTo(x, bbox.top);
		ctx.lineTo(x + size, bbox.top + size);
		ctx.lineTo(x, bbox.top + 2 * size);
		ctx.lineTo(x - size, bbox.top + size);
		ctx.closePath();
		ctx.fill();
	}
	ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, paint: Paint): void {
	ctx.save();
	ctx.beginPath();
	ctx.rect(x, y, w, h);
	ctx.clip();
	// What was counted in a bucket that is blind in part stays readable under the hatching.
	ctx.globalAlpha = 0.72;
	ctx.fillStyle = paint.card;
	ctx.fillRect(x, y, w, h);
	ctx.strokeStyle = paint.muted;
	ctx.globalAlpha = 0.6;
	ctx.lineWidth = devicePixelRatio;
	// The last line drawn may have been a dashed one.
	ctx.setLineDash([]);
	ctx.beginPath();
	for (let from = x - h; from < x + w; from += 7 * devicePixelRatio) {
		ctx.moveTo(from, y + h);
		ctx.lineTo(from + h, y);
	}
	ctx.stroke();
	ctx.restore();
}

/** Sparse dots: heard later, so nothing is missing under them. */
function dots(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, paint: Paint): void {
	const gap = 6 * devicePixelRatio;
	const dot = 1.25 * devicePixelRatio;
	ctx.save();
	ctx.fillStyle = paint.muted;
	ctx.globalAlpha = 0.5;
	for (let row = 0; row * gap < h; row += 1) {
		for (let at = x + (row % 2) * (gap / 2); at + dot <= x + Math.max(w, dot); at += gap) ctx.fillRect(at, y + row * gap, dot, dot);
	}
	ctx.restore();
}

export interface Handlers {
	onmove: (index: number | null, left: number) => void;
	onzoom: (from: number, to: number) => void;
}

/** Draws `picture` into `host` and keeps it drawn until destroyed. */
export function draw(host: HTMLElement, picture: Picture, size: { width: number; height: number }, handlers: Handlers): uPlot {
	const colors = paint();
	const { columns, series } = layers(picture, colors);
	const font = '11px Figtree, system-ui, sans-serif';
	const options: uPlot.Options = {
		...size,
		padding: [10, 26, 0, 0],
		legend: { show: false },
		cursor: {
			y: false,
			points: { show: !picture.stacked, size: 8 },
			drag: { x: true, y: false, setScale: false, dist: 6 }
		},
		scales: { x: { time: true }, y: { range: (_, min, max) => bounds(picture, min, max) } },
		axes: [
			{
				font,
				stroke: colors.muted,
				size: 30,
				gap: 8,
				grid: { show: false },
				ticks: { show: false },
				splits: (plot) => axisTicks(plot, picture).map((mark) => mark.at),
				values: (plot) => axisTicks(plot, picture).map((mark) => tick(mark.at, picture.step, picture.zone, mark.midnight))
			},
			{
				font,
				stroke: colors.muted,
				size: 44,
				gap: 8,
				grid: { stroke: colors.grid, width: 1 },
				ticks: { show: false },
				splits: (_, __, bottom, top) => (picture.level ? levelMarks(bottom, top) : marksOf(top, picture.minutes)),
				values: (_, values) => values.map((value) => mark(value, picture.minutes))
			}
		],
		series: [{}, ...series],
		hooks: {
			draw: [marks(picture, colors)],
			setCursor: [(plot) => handlers.onmove(plot.cursor.idx ?? null, plot.cursor.left ?? 0)],
			setSelect: [
				(plot) => {
					if (plot.select.width < 6) return;
					handlers.onzoom(plot.posToVal(plot.select.left, 'x'), plot.posToVal(plot.select.left + plot.select.width, 'x'));
					plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
				}
			]
		}
	};
	return new uPlot(options, [picture.t as number[], ...columns] as uPlot.AlignedData, host);
}

function axisTicks(plot: uPlot, picture: Picture) {
	return ticks(picture.t, picture.step, picture.zone, Math.max(2, Math.floor(plot.width / 84)));
}

function bounds(picture: Picture, min: number | null, max: number | null): [number, number] {
	if (!picture.level) return [0, scale(max, picture.minutes).top];
	const { bottom, top } = levelScale(min ?? 0, max ?? 0);
	return [bottom, top];
}

/** The axis of a level: whole steps around the lowest and the highest value, never below zero. */
export function levelScale(min: number, max: number): { bottom: number; top: number; step: number } {
	const { step } = scale(Math.max(4, max - min));
	const bottom = Math.max(0, Math.floor((min - step / 4) / step) * step);
	return { bottom, top: Math.max(bottom + 2 * step, Math.ceil((max + step / 4) / step) * step), step };
}

/** The marks of such an axis: as many of its round values as can be told apart. */
export function levelMarks(bottom: number, top: number): number[] {
	const { step } = scale(Math.max(4, (top - bottom) / 1.5));
	const first = Math.ceil(bottom / step) * step;
	return Array.from({ length: Math.floor((top - first) / step) + 1 }, (_, i) => first + i * step);
}

export interface Scale {
	top: number;
	step: number;
}

/** Minutes in an hour, for axes that are labelled in hours. */
const hour = 60;

/** An axis from zero whose top is a labelled round number with a little air above the highest value. */
export function scale(max: number | null, minutes = false): Scale {
	if (minutes && (max ?? 0) >= 3 * hour) {
		const { top, step } = scale((max ?? 0) / hour);
		return { top: top * hour, step: step * hour };
	}
	const air = Math.max(4, (max ?? 0) * 1.04);
	const unit = 10 ** Math.floor(Math.log10(air / 4));
	for (const factor of [1, 2, 2.5, 5, 10]) {
		const step = factor * unit;
		const parts = Math.ceil(air / step);
		if (parts <= 5 && Number.isInteger(step)) return { top: parts * step, step };
	}
	return { top: 50 * unit, step: 10 * unit };
}

/** The marks of an axis that ends on one. */
export function marksOf(top: number, minutes = false): number[] {
	// Only an axis in hours reaches this far: see `scale`.
	const inHours = minutes && top >= 4 * hour;
	const step = inHours ? scale(top / hour / 1.04).step * hour : scale(top / 1.04).step;
	return Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
}

/** A label of the axis beside the drawing. */
function mark(value: number, minutes = false): string {
	if (!minutes || value === 0) return compact(value);
	return value % hour === 0 ? `${compact(value / hour)}\u00a0h` : `${compact(value)}\u00a0m`;
}
