// Numbers in the viewer's locale.
import { locale } from '../i18n/locale.svelte.ts';

const made = new Map<string, Intl.NumberFormat>();

function format(value: number, name: string, options: Intl.NumberFormatOptions): string {
	const key = `${locale.tag} ${name}`;
	let formatter = made.get(key);
	if (!formatter) made.set(key, (formatter = new Intl.NumberFormat(locale.tag, options)));
	// The narrow no-break space is not in the shipped font; the plain one is.
	return formatter.format(value).replaceAll('\u202f', '\u00a0');
}

/** A whole count with grouping: 12,345. */
export function num(value: number): string {
	return format(value, 'whole', { maximumFractionDigits: 0 });
}

/** A number that may carry one decimal: averages and scores. */
export function decimal(value: number): string {
	return format(value, 'decimal', { maximumFractionDigits: 1 });
}

/** A short form for axes: 12K, 1.2M. */
export function compact(value: number): string {
	return format(value, 'compact', { notation: 'compact', maximumFractionDigits: 1 });
}

/** A share from 0 to 1 as a percentage; tiny shares keep a digit so that they do not read as nothing. */
export function percent(share: number): string {
	if (share > 0 && share < 0.0005) return `<${percent(0.001)}`;
	const small = Math.abs(share) < 0.0995 && share !== 0;
	return small
		? format(share, 'percent1', { style: 'percent', maximumFractionDigits: 1 })
		: format(share, 'percent', { style: 'percent', maximumFractionDigits: 0 });
}

/** A covered share, never rounded up: what is not whole does not read as whole. */
export function covered(share: number): string {
	const cut = Math.floor(share * 1_000 + 1e-9) / 1_000;
	return format(cut, 'covered', { style: 'percent', maximumFractionDigits: 1 });
}

/** A size on disk: "12 kB", "3.4 MB". */
export function bytes(value: number): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
	const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
	const unit = units[power] ?? 'byte';
	return format(value / 1_000 ** power, unit, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: power ? 1 : 0 });
}

export type Direction = 'up' | 'down' | 'flat';

/** Which way a change goes, at the precision it is shown with. */
export function direction(change: number): Direction {
	if (Math.abs(change) < 0.0005) return 'flat';
	return change > 0 ? 'up' : 'down';
}

/** A relative change with its sign: +12 %, −3.4 %; beyond tenfold as a factor: ×12. */
export function signedPercent(change: number): string {
	if (change >= 9.995) return `×${num(change + 1)}`;
	const digits = Math.abs(change) < 0.0995 ? 1 : 0;
	return format(change, `signed${digits}`, {
		style: 'percent',
		signDisplay: 'exceptZero',
		maximumFractionDigits: digits
	}).replace('-', '−');
}
