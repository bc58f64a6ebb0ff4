// Averages and shades of the weekday × hour table.

/** Steps of shade besides "nothing"; app.css has one `heat-*` class for each. */
export const shades = 9;

/** Average per hour of the period, null where the period held no such hour. */
export function averages(cells: readonly (readonly number[])[], hours: readonly (readonly number[])[]): (number | null)[][] {
	return cells.map((row, d) => row.map((sum, h) => (hours[d]?.[h] ? sum / (hours[d]?.[h] ?? 1) : null)));
}

export function peak(values: readonly (readonly (number | null)[])[]): { day: number; hour: number; value: number } | null {
	let best: { day: number; hour: number; value: number } | null = null;
	values.forEach((row, day) =>
		row.forEach((value, hour) => {
			if (value !== null && value > 0 && (!best || value > best.value)) best = { day, hour, value };
		})
	);
	return best;
}

/** Shade of a value: 0 for nothing, 1 to `shades` for what there is. The root spreads the quiet hours apart. */
export function shade(value: number | null, most: number): number {
	if (!value || most <= 0) return 0;
	return Math.max(1, Math.ceil(Math.sqrt(value / most) * shades));
}
