// Geometry of a sparkline in a box of 100 × 100, stretched to its place by the browser.

/** The values without the bucket that still runs: without an axis its fall to nothing would read as a fall. */
export function finished(sparkline: { t: readonly number[]; v: readonly (number | null)[] }, now = Date.now() / 1000) {
	const last = sparkline.t.at(-1);
	const before = sparkline.t.at(-2);
	if (last === undefined || before === undefined) return sparkline.v;
	return last + (last - before) > now ? sparkline.v.slice(0, -1) : sparkline.v;
}

export interface SparkPaths {
	line: string;
	area: string;
}

/** Lines through the values that exist, from zero at the bottom; a gap where there is none. */
export function sparkPaths(values: readonly (number | null)[]): SparkPaths {
	const most = Math.max(1, ...values.map((value) => value ?? 0));
	const step = values.length > 1 ? 100 / (values.length - 1) : 0;
	const x = (i: number) => round(i * step);
	// 8 below the top so that a peak keeps its whole stroke.
	const y = (value: number) => round(98 - (value / most) * 90);
	let line = '';
	let area = '';
	let start = -1;
	values.forEach((value, i) => {
		if (value === null) {
			if (start >= 0) area += `V100H${x(start)}Z`;
			start = -1;
			return;
		}
		const point = `${x(i)} ${y(value)}`;
		line += start < 0 ? `M${point}` : `L${point}`;
		area += start < 0 ? `M${x(i)} 100V${y(value)}` : `L${point}`;
		if (start < 0) start = i;
	});
	if (start >= 0) area += `V100H${x(start)}Z`;
	return { line, area };
}

const round = (value: number) => Math.round(value * 100) / 100;
