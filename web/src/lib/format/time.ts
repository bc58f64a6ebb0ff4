// Instants, buckets and periods in the viewer's locale and in the time zone asked for.
import { locale } from '../i18n/locale.svelte.ts';

export type Step = 'minute' | 'hour' | 'day' | 'week' | 'month';

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${locale.tag} ${zone} ${JSON.stringify(options)}`;
	let found = made.get(key);
	if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale.tag, { timeZone: zone, ...options })));
	return found;
}

function show(at: number, zone: string, options: Intl.DateTimeFormatOptions): string {
	return formatter(zone, options).format(at * 1000).replaceAll('\u202f', '\u00a0');
}

const dayParts = { day: 'numeric', month: 'short' } as const;

/** "18:42" where the day has 24 hours, "6:42 PM" where it has twice twelve. */
function timeParts(): Intl.DateTimeFormatOptions {
	return { hour: twelveHours() ? 'numeric' : '2-digit', minute: '2-digit' };
}

function twelveHours(): boolean {
	return formatter('UTC', { hour: 'numeric' }).resolvedOptions().hour12 === true;
}

/** Unix seconds of an RFC 3339 instant. */
export function seconds(instant: string): number {
	return Date.parse(instant) / 1000;
}

/** "6 Nov", with the year when it is not this one. */
export function day(at: number, zone: string): string {
	const sameYear = new Date(at * 1000).getUTCFullYear() === new Date().getUTCFullYear();
	return show(at, zone, sameYear ? dayParts : { ...dayParts, year: 'numeric' });
}

/** "6 November 2026". */
export function longDay(at: number, zone: string): string {
	return show(at, zone, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** "18:42" or "6:42 PM". */
export function clock(at: number, zone: string): string {
	return show(at, zone, timeParts());
}

/** "6 Nov, 18:42". */
export function moment(at: number, zone: string): string {
	return show(at, zone, { ...dayParts, ...timeParts() });
}

/** What one bucket of a chart covers, in words that fit its step. */
export function bucket(at: number, step: Step, zone: string): string {
	switch (step) {
		case 'month':
			return show(at, zone, { month: 'long', year: 'numeric' });
		case 'week':
			return range(at, at + 7 * 86_400, zone);
		case 'day':
			return show(at, zone, { weekday: 'short', ...dayParts });
		case 'hour':
			return show(at, zone, { weekday: 'short', ...dayParts, ...timeParts() });
		case 'minute':
			return show(at, zone, { ...dayParts, ...timeParts() });
	}
}

/** A label short enough for an axis. */
export function tick(at: number, step: Step, zone: string, midnight: boolean): string {
	if (step === 'month') return show(at, zone, { month: 'short', year: '2-digit' });
	if (step === 'week' || step === 'day' || midnight) return show(at, zone, dayParts);
	return clock(at, zone);
}

/** The days of a period whose end is exclusive: "1 – 7 Nov 2026". */
export function range(from: number, to: number, zone: string): string {
	const last = Math.max(from, to - 1);
	const text = formatter(zone, { ...dayParts, year: 'numeric' }).formatRange(from * 1000, last * 1000);
	return text.replaceAll('\u202f', '\u00a0').replaceAll('\u2009', '\u00a0');
}

/** How long ago, in the largest unit that fits: "3 min ago", "yesterday". */
export function ago(at: number, now: number): string {
	const age = Math.max(0, Math.round(now - at));
	const words = new Intl.RelativeTimeFormat(locale.tag, { numeric: 'auto', style: 'short' });
	if (age < 60) return words.format(-age, 'second');
	if (age < 3600) return words.format(-Math.round(age / 60), 'minute');
	if (age < 86_400) return words.format(-Math.round(age / 3600), 'hour');
	if (age < 60 * 86_400) return words.format(-Math.round(age / 86_400), 'day');
	return words.format(-Math.round(age / (30.44 * 86_400)), 'month');
}

/** Seven weekday names, Monday first. */
export function weekdays(style: 'short' | 'long'): string[] {
	// 1 January 2024 was a Monday.
	return Array.from({ length: 7 }, (_, i) => show(Date.UTC(2024, 0, 1 + i) / 1000, 'UTC', { weekday: style }));
}

/** Index (Monday = 0) of the day a week starts with for this viewer. */
export function firstWeekday(): number {
	const info = new Intl.Locale(locale.tag) as Intl.Locale & {
		getWeekInfo?: () => { firstDay: number };
		weekInfo?: { firstDay: number };
	};
	const first = info.getWeekInfo?.().firstDay ?? info.weekInfo?.firstDay ?? 1;
	return (first + 6) % 7;
}

/** An hour of the day: "18:00" or "6 PM". */
export function hour(h: number): string {
	return show(h * 3600, 'UTC', twelveHours() ? { hour: 'numeric' } : timeParts());
}

/** "Europe/Paris" as "Paris", "America/Argentina/Buenos_Aires" as "Buenos Aires". */
export function zoneCity(zone: string): string {
	return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/** "UTC+2" at the given instant. */
export function zoneOffset(zone: string, at: number): string {
	const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at * 1000);
	const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
	return name.replace('GMT', 'UTC').replace('-', '−');
}

/** Whether the browser knows this zone name. */
export function isZone(zone: string): boolean {
	try {
		new Intl.DateTimeFormat('en', { timeZone: zone });
		return true;
	} catch {
		return false;
	}
}
