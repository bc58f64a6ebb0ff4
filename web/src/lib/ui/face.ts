// What stands for a face when there is no picture.

/** Number of `hue-*` classes in app.css. */
export const hues = 8;

/** A colour that stays with an id. */
export function hue(id: string): number {
	let sum = 7;
	for (const digit of id) sum = (sum * 31 + digit.charCodeAt(0)) >>> 0;
	return sum % hues;
}

/** One or two letters of a name, of any script; emoji and signs are passed over. */
export function initials(name: string): string {
	const words = name.split(/[\s._\-|·]+/u).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? '').filter(Boolean);
	const letters = words.length > 1 ? `${words[0]}${words[1]}` : (words[0] ?? '?');
	return letters.toLocaleUpperCase();
}
