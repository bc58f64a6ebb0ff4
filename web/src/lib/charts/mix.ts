// Colours of tokens, for a canvas that does not know CSS variables.

/** Red, green and blue of #rgb or #rrggbb; the build shortens what it can. */
export function channels(color: string): [number, number, number] {
	const hex = color.trim().replace('#', '');
	const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
	return [0, 2, 4].map((i) => parseInt(wide.slice(i, i + 2), 16)) as [number, number, number];
}

/** `share` of one opaque colour over another. */
export function mix(color: string, under: string, share: number): string {
	const below = channels(under);
	const parts = channels(color).map((over, i) => Math.round(over * share + (below[i] ?? 0) * (1 - share)));
	return `rgb(${parts.join(' ')})`;
}

/** A colour of which `share` covers what is under it. */
export function veil(color: string, share: number): string {
	return `rgb(${channels(color).join(' ')} / ${share})`;
}
