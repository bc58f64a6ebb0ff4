import { describe, expect, it } from 'vitest';
import type { InviteTreeRow } from '../api/index.ts';
import { isNarrowed, readSource, sourceQuery } from './filters.ts';
import { branches, type Branch } from './tree.ts';

const read = (query: string) => readSource(new URLSearchParams(query));

describe('the source that an address asks for', () => {
	it('is none where nothing is said, and where it is misspelt', () => {
		expect(sourceQuery(read(''))).toEqual({});
		expect(isNarrowed(read('method=magic&confidence=high&inviter=ada&code=a%20b'))).toBe(false);
	});

	it('names method, confidence, inviter and code', () => {
		const source = read('method=vanity&confidence=exact&inviter=7&code=summer-24');
		expect(sourceQuery(source)).toEqual({ method: 'vanity', confidence: 'exact', inviter: '7', code: 'summer-24' });
		expect(isNarrowed(source)).toBe(true);
	});
});

describe('the tree', () => {
	const row = (id: string, parent: string | null): InviteTreeRow => ({
		member: { id, name: id, display_name: null, avatar_url: null, kind: 'human' } as InviteTreeRow['member'],
		parent_id: parent,
		depth: 0,
		joined_at: null,
		is_member: null,
		brought: 0,
		below: 0
	});
	const shape = (found: Branch[]): unknown => found.map((branch) => (branch.below.length ? { [branch.row.member.id]: shape(branch.below) } : branch.row.member.id));

	it('puts everybody under whoever brought them', () => {
		expect(shape(branches([row('1', null), row('2', '1'), row('3', '1'), row('4', '2'), row('5', null)]))).toEqual([{ '1': [{ '2': ['4'] }, '3'] }, '5']);
	});

	it('loses nobody whose parent lies beyond the cut', () => {
		expect(shape(branches([row('2', '1'), row('3', '2')]))).toEqual([{ '2': ['3'] }]);
		expect(branches([])).toEqual([]);
	});
});
