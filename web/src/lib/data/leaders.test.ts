import { afterEach, expect, it, vi } from 'vitest';
import { readView } from '../state/view.ts';
import { Leaders } from './leaders.svelte.ts';

// A board of 1,234 members behind the generated client, page by page, cursor by cursor.
const total = 1_234;
const { asked } = vi.hoisted(() => ({ asked: [] as (string | undefined)[] }));
vi.mock('#lib/api/index.ts', () => ({
	leaderboard: async ({ query }: { query: { limit: number; cursor?: string } }) => {
		asked.push(query.cursor);
		await new Promise((done) => setTimeout(done, 1));
		const from = Number(query.cursor ?? 0);
		const to = Math.min(total, from + query.limit);
		const rows = Array.from({ length: to - from }, (_, i) => ({ rank: from + i + 1, member: { id: String(from + i) } }));
		return { data: { rows, total_rows: total, next_cursor: to < total ? String(to) : null } };
	}
}));
afterEach(() => void asked.splice(0));

const question = { guild: '1', board: 'messages' as const, view: readView(new URLSearchParams(), 'UTC'), search: '' };

it('fetches only what is reached, each page once, however often it is told', async () => {
	const leaders = new Leaders();
	leaders.ask(question);
	await vi.waitFor(() => expect(leaders.rows).toHaveLength(100));
	for (let i = 0; i < 20; i += 1) leaders.reach(400 + i);
	await vi.waitFor(() => expect(leaders.rows).toHaveLength(600));
	leaders.reach(total - 1);
	leaders.reach(total - 1);
	await vi.waitFor(() => expect(leaders.rows).toHaveLength(total));
	expect(leaders.rows.map((row) => row.rank)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
	expect(asked).toEqual([undefined, '100', '600', '1100']);
});

it('forgets an answer that another question has overtaken', async () => {
	const leaders = new Leaders();
	leaders.ask(question);
	leaders.reach(700);
	leaders.ask({ ...question, search: 'x' });
	await vi.waitFor(() => expect(leaders.former).toBe(false));
	await new Promise((done) => setTimeout(done, 20));
	expect(leaders.rows).toHaveLength(100);
});

it('does not move rows under a reader far down', async () => {
	const leaders = new Leaders();
	leaders.ask(question);
	await vi.waitFor(() => expect(leaders.rows).toHaveLength(100));
	leaders.reach(900);
	await vi.waitFor(() => expect(leaders.rows).toHaveLength(1_100));
	const before = asked.length;
	leaders.refresh();
	expect(asked).toHaveLength(before);
});
