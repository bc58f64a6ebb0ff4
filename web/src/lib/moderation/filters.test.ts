import { describe, expect, it } from 'vitest';
import { actions, filterQuery, isNarrowed, readFilters, weight } from './filters.ts';

const read = (query: string) => readFilters(new URLSearchParams(query));

describe('the filters of an address', () => {
	it('are none where nothing is said, and where it is misspelt', () => {
		const none = { action: null, moderator: null, target: null, search: '' };
		expect(read('')).toEqual(none);
		expect(read('action=hug&moderator=ada&target=%2a')).toEqual(none);
		expect(isNarrowed(read('range=7d'))).toBe(false);
	});

	it('name an action, a moderator or the unknown one, a target and words', () => {
		const filters = read('action=ban&moderator=unknown&target=42&q=spam');
		expect(filterQuery(filters)).toEqual({ action: 'ban', moderator: 'unknown', target: '42', search: 'spam' });
		expect(filterQuery(read('moderator=7'))).toEqual({ moderator: '7' });
		expect(isNarrowed(filters)).toBe(true);
	});
});

it('every action weighs something, and lifting one is not heavy', () => {
	expect(new Set(actions).size).toBe(16);
	expect(actions.filter((action) => weight(action) === 'heavy')).toEqual(['ban', 'kick', 'prune']);
	expect(weight('unban')).toBe('undone');
	expect(weight('nick')).toBe('light');
});
