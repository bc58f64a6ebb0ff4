// Geometry of a sparkline in a box of 100 × 100, stretched to its place by the browser.

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
