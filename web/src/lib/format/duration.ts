// Lengths of time. "h", "min" and "s" are the same signs in every language; days are words.
import { locale } from '../i18n/locale.svelte.ts';
import { num } from './number.ts';

const space = '\u00a0';

/** Minutes as people read them: "42 min", "12 h 5 min", "1,234 h". */
export function duration(minutes: number): string {
	if (minutes > 0 && minutes < 0.5) return `<${space}1${space}min`;
	const whole = Math.round(minutes);
	if (whole < 60) return `${num(whole)}${space}min`;
	if (whole >= 6_000) return `${num(whole / 60)}${space}h`;
	const rest = whole % 60;
	const hours = `${num(Math.floor(whole / 60))}${space}h`;
	return rest === 0 ? hours : `${hours} ${num(rest)}${space}min`;
}

/** Seconds of a gap: "40 s", "12 min", "3 h 20 min", "5 days". */
export function span(seconds: number): string {
	if (seconds < 60) return `${num(Math.max(0, seconds))}${space}s`;
	if (seconds < 48 * 3_600) return duration(seconds / 60);
	const days = new Intl.NumberFormat(locale.tag, { style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 });
	return days.format(seconds / 86_400).replaceAll('\u202f', space);
}

/** An age in the largest unit that fits, at most one decimal for years: "12 min", "5 days", "7 months", "3.2 years". */
export function age(seconds: number): string {
	const days = seconds / 86_400;
	if (days < 60) return span(Math.max(0, Math.round(days < 2 ? seconds : Math.floor(days) * 86_400)));
	const [unit, value] = days < 730 ? (['month', Math.floor(days / 30.44)] as const) : (['year', days / 365.25] as const);
	const words = new Intl.NumberFormat(locale.tag, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 });
	return words.format(value).replaceAll('\u202f', space);
}
