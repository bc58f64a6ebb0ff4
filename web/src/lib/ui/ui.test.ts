import { describe, expect, it } from 'vitest';
import { tree } from '../shell/tree.ts';
import { after, isDay } from '../shell/dates.ts';
import en from '../i18n/en.ts';
import fr from '../i18n/fr.ts';
import { explain } from './failure.ts';
import { hue, hues, initials } from './face.ts';
import { find, score } from './picker.ts';
import { slice } from './windowed.svelte.ts';

const item = (key: string, text: string, group = '') => ({ key, text, group, run: () => undefined });

describe('long tables', () => {
	it('keep only rows near the view', () => {
		const { from, to } = slice(52 * 5_000, 52 * 5_000 + 800, 52, 10_000);
		expect(from).toBeLessThan(5_000);
		expect(to).toBeGreaterThan(5_016);
		expect(to - from).toBeLessThan(60);
	});

	it('stay inside the table at both ends and when it is empty', () => {
		expect(slice(-900, 0, 52, 100)).toEqual({ from: 0, to: 12 });
		expect(slice(52 * 99, 52 * 120, 52, 100).to).toBe(100);
		expect(slice(0, 800, 52, 0)).toEqual({ from: 0, to: 0 });
	});
});

describe('finding by typing', () => {
	it('prefers beginnings, and reads over accents and case', () => {
		const found = find([item('a', 'My general'), item('b', 'General'), item('c', 'État général'), item('d', 'other')], 'géné');
		expect(found.map((match) => match.key)).toEqual(['b', 'a', 'c']);
	});

	it('keeps groups together and in order', () => {
		const found = find([item('p', 'alpha', 'Pages'), item('c', 'alpha', 'Commands'), item('q', 'alphabet', 'Pages')], 'al');
		expect(found.map((match) => match.key)).toEqual(['p', 'q', 'c']);
	});

	it('treats signs as signs', () => {
		expect(score({ text: 'c++ (help)' }, 'c++')).toBeGreaterThan(0);
		expect(score({ text: 'abc' }, '.*')).toBe(0);
	});
});

describe('faces', () => {
	it('take letters of any script and pass over signs', () => {
		expect(initials('Lena van der Meer')).toBe('LV');
		expect(initials('🌿 leaf')).toBe('L');
		expect(initials('Émile')).toBe('É');
		expect(initials('…')).toBe('?');
	});

	it('keep their colour', () => {
		expect(hue('80351110224678912')).toBe(hue('80351110224678912'));
		expect(hue('1')).toBeLessThan(hues);
	});
});

describe('channel tree', () => {
	const channel = (id: string, kind: 'text' | 'category' | 'thread', parent_id: string | null = null, deleted = false) => ({
		id, name: id, kind, parent_id, parent_name: null, deleted, position: 0
	});

	it('puts channels under their category, loose ones first, and leaves out what is gone', () => {
		const groups = tree([channel('loose', 'text'), channel('cat', 'category'), channel('a', 'text', 'cat'), channel('t', 'thread', 'a'), channel('gone', 'text', 'cat', true), channel('empty', 'category')]);
		expect(groups.map((group) => [group.name, group.channels.map((entry) => entry.id)])).toEqual([[null, ['loose']], ['cat', ['a']]]);
	});
});

describe('own dates', () => {
	it('count days over months and leap years', () => {
		expect(after('2028-02-28', 1)).toBe('2028-02-29');
		expect(after('2026-01-01', -1)).toBe('2025-12-31');
		expect(isDay('2026-11-31x')).toBe(false);
	});
});

describe('failures', () => {
	const problem = (type: string, status: number, parameter?: string) => ({ type, title: '', status, detail: 'because', parameter });

	it('say cause and remedy', () => {
		expect(explain(null, en)).toMatchObject({ help: en.error.network, remedy: 'retry' });
		expect(explain(problem('/problems/unknown-guild', 404), en).remedy).toBe('home');
		expect(explain(problem('/problems/bad-parameter', 422, 'tz'), en).help).toContain('tz');
		expect(explain(problem('/problems/internal', 500), fr).help).toContain('because');
	});
});
