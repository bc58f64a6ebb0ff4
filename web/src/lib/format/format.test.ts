import { beforeEach, describe, expect, it } from 'vitest';
import { plural, setLocale, tagFor } from '../i18n/locale.svelte.ts';
import { csv, field } from './csv.ts';
import { change } from './change.ts';
import { age, duration, span } from './duration.ts';
import { bytes, compact, covered, decimal, direction, num, percent, signedPercent } from './number.ts';
import { ago, bucket, clock, day, firstWeekday, hour, isZone, range, seconds, tick, weekdays, zoneCity, zoneOffset } from './time.ts';

const noon = seconds('2026-11-06T12:00:00Z');

describe('in English', () => {
	beforeEach(() => setLocale('en', ['en-GB']));

	it('writes numbers', () => {
		expect(num(1234567)).toBe('1,234,567');
		expect(num(0)).toBe('0');
		expect(decimal(3.14159)).toBe('3.1');
		expect(compact(12_345).toLowerCase()).toBe('12.3k');
		expect(percent(0.256)).toBe('26%');
		expect(percent(0.0123)).toBe('1.2%');
		expect(percent(0.0001)).toBe('<0.1%');
		expect(percent(0)).toBe('0%');
		expect(percent(1)).toBe('100%');
	});

	it('says which way and by how much', () => {
		expect(signedPercent(0.12)).toBe('+12%');
		expect(signedPercent(-0.034)).toBe('−3.4%');
		expect(signedPercent(11)).toBe('×12');
		expect(direction(0.0001)).toBe('flat');
		expect(direction(-0.2)).toBe('down');
	});

	it('cuts time in the zone that is asked for', () => {
		expect(clock(noon, 'UTC')).toBe('12:00');
		expect(clock(noon, 'Asia/Kathmandu')).toBe('17:45');
		expect(clock(noon, 'America/New_York')).toBe('07:00');
		expect(day(seconds('2026-11-06T23:30:00Z'), 'Asia/Tokyo')).toContain('7 Nov');
		expect(bucket(noon, 'day', 'UTC')).toMatch(/^Fri,? 6 Nov$/);
		expect(range(noon, noon + 7 * 86_400, 'UTC')).toMatch(/^6\W+13 Nov 2026$/);
		expect(tick(noon, 'hour', 'UTC', false)).toBe('12:00');
		expect(tick(noon, 'hour', 'UTC', true)).toBe('6 Nov');
	});

	it('keeps the hour that clocks repeat apart by its offset', () => {
		expect(zoneOffset('Europe/Paris', seconds('2026-10-25T00:30:00Z'))).toBe('UTC+2');
		expect(zoneOffset('Europe/Paris', seconds('2026-10-25T01:30:00Z'))).toBe('UTC+1');
		expect(zoneOffset('America/Los_Angeles', noon)).toBe('UTC−8');
	});

	it('names zones by their city and knows a wrong one', () => {
		expect(zoneCity('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
		expect(isZone('Europe/Paris')).toBe(true);
		expect(isZone('Europe/Atlantis')).toBe(false);
	});

	it('says how long ago', () => {
		expect(ago(noon, noon)).toBe('now');
		expect(ago(noon - 90, noon)).toContain('2 min');
		expect(ago(noon - 86_400, noon)).toBe('yesterday');
	});

	it('starts weeks as the viewer does', () => {
		expect(weekdays('long')[0]).toBe('Monday');
		expect(firstWeekday()).toBe(0);
		setLocale('en', ['en-US']);
		expect(firstWeekday()).toBe(6);
		expect(hour(18)).toMatch(/^6\sPM$/);
	});
});

describe('in French', () => {
	beforeEach(() => setLocale('fr', []));

	it('writes numbers with spaces that the font has', () => {
		expect(num(1234567)).toBe('1\u00a0234\u00a0567');
		expect(signedPercent(0.12)).toBe('+12\u00a0%');
		expect(percent(0.5)).toBe('50\u00a0%');
		expect(decimal(0.5)).toBe('0,5');
	});

	it('counts zero as one', () => {
		expect(plural('fr', 0, 'message', 'messages')).toBe('message');
		expect(plural('fr', 1, 'message', 'messages')).toBe('message');
		expect(plural('fr', 2, 'message', 'messages')).toBe('messages');
		expect(plural('en', 0, 'message', 'messages')).toBe('messages');
	});

	it('names days and hours', () => {
		expect(weekdays('long')[6]).toBe('dimanche');
		expect(hour(6)).toBe('06:00');
	});
});

it('takes the regional variant the viewer prefers', () => {
	expect(tagFor('fr', ['de-DE', 'fr-CA', 'fr-FR'])).toBe('fr-CA');
	expect(tagFor('en', ['fr-FR'])).toBe('en-GB');
});

describe('lengths of time', () => {
	beforeEach(() => setLocale('en', ['en-GB']));
	const plain = (text: string) => text.replaceAll('\u00a0', ' ');

	it('read as people say them, and never as sixty minutes', () => {
		const said = [0, 0.3, 1, 59.4, 59.6, 61, 725, 5_999, 6_000, 123_456].map((minutes) => plain(duration(minutes)));
		expect(said).toEqual(['0 min', '< 1 min', '1 min', '59 min', '1 h', '1 h 1 min', '12 h 5 min', '99 h 59 min', '100 h', '2,058 h']);
	});

	it('go from seconds to days', () => {
		expect([90, 30 * 3_600, 12.9 * 86_400, 200 * 86_400, 1_000 * 86_400].map((s) => plain(age(s)))).toEqual(['2 min', '30 h', '12 days', '6 months', '2.7 years']);
		expect([0, 45, 90, 3_600, 47 * 3_600, 5 * 86_400].map((s) => plain(span(s)))).toEqual(['0 s', '45 s', '2 min', '1 h', '47 h', '5 days']);
		setLocale('fr', []);
		expect(plain(span(5 * 86_400))).toBe('5 jours');
	});
});

describe('coverage', () => {
	beforeEach(() => setLocale('en', ['en-GB']));

	it('is never rounded up', () => {
		expect(covered(0.99999)).toBe('99.9%');
		expect(covered(1)).toBe('100%');
		expect(covered(0.5)).toBe('50%');
	});

	it('scales a change to what was heard', () => {
		expect(change({ value: 100, covered: 1 }, { value: 50, covered: 0.5 }).change).toBeCloseTo(0);
		expect(change({ value: 60, covered: 0.6 }, { value: 50, covered: 1 }).change).toBeCloseTo(1);
	});

	it('counts people as they are', () => {
		expect(change({ value: 80, covered: 0.9 }, { value: 80, covered: 1 }, true).change).toBe(0);
	});

	it('tells no change where too little was heard, and says of which period', () => {
		expect(change({ value: 9, covered: 0.49 }, { value: 9, covered: 1 })).toEqual({ change: null, withheld: 'blind' });
		expect(change({ value: 9, covered: 1 }, { value: 9, covered: 0.49 })).toEqual({ change: null, withheld: 'blind_before' });
		expect(change({ value: 9, covered: 1 }, { value: null, covered: null })).toEqual({ change: null, withheld: null });
		expect(change({ value: 9, covered: 1 }, { value: 0, covered: 1 })).toEqual({ change: null, withheld: null });
	});
});

it('writes sizes', () => {
	expect([0, 999, 12_345, 3_400_000].map((size) => bytes(size).toLowerCase())).toEqual(['0 byte', '999 byte', '12.3 kb', '3.4 mb']);
});

describe('csv', () => {
	it('quotes what must be quoted', () => {
		expect(field('a,b')).toBe('"a,b"');
		expect(field('say "hi"')).toBe('"say ""hi"""');
		expect(field('two\nlines')).toBe('"two\nlines"');
		expect(field(null)).toBe('');
		expect(field(-3)).toBe('-3');
	});

	it('never lets a name become a formula', () => {
		for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1']) expect(field(name).replace('"', '').startsWith("'")).toBe(true);
	});

	it('starts with a byte order mark and ends lines as spreadsheets like', () => {
		expect(csv([['é', 1], ['b', null]])).toBe('\ufeffé,1\r\nb,\r\n');
	});
});
