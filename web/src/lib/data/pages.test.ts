import { expect, it, vi } from 'vitest';
import { Pages } from './pages.svelte.ts';

interface Page {
	rows: number[];
	next_cursor: string | null;
}
const book = (asked: (string | null)[] = []) => async (cursor: string | null): Promise<Page> => {
	asked.push(cursor);
	const from = Number(cursor ?? 0);
	return { rows: [from, from + 1], next_cursor: from + 2 < 6 ? String(from + 2) : null };
};

it('comes page by page, and ends', async () => {
	const asked: (string | null)[] = [];
	const pages = new Pages<number, Page>();
	pages.ask(book(asked));
	await vi.waitFor(() => expect(pages.rows).toEqual([0, 1]));
	await pages.more();
	await pages.more();
	expect(pages.rows).toEqual([0, 1, 2, 3, 4, 5]);
	expect(pages.next).toBeNull();
	await pages.more();
	expect(asked).toEqual([null, '2', '4']);
});

it('forgets an answer that another question has overtaken', async () => {
	const pages = new Pages<number, Page>();
	let late: (page: Page) => void = () => undefined;
	pages.ask(() => new Promise((done) => (late = done)));
	pages.ask(book());
	await vi.waitFor(() => expect(pages.former).toBe(false));
	late({ rows: [99], next_cursor: null });
	await new Promise((done) => setTimeout(done));
	expect(pages.rows).toEqual([0, 1]);
	expect(pages.busy).toBe(false);
});

it('keeps the rows it has when a later page fails, and can be asked again', async () => {
	const pages = new Pages<number, Page>();
	let down = false;
	const fetch = book();
	pages.ask(async (cursor) => {
		if (down) throw new Error('down');
		return fetch(cursor);
	});
	await vi.waitFor(() => expect(pages.rows).toHaveLength(2));
	down = true;
	await pages.more();
	expect(pages.error).toBeInstanceOf(Error);
	expect(pages.rows).toHaveLength(2);
	down = false;
	pages.retry();
	await vi.waitFor(() => expect(pages.rows).toHaveLength(4));
	expect(pages.error).toBeNull();
});

it('does not move rows under a reader who has gone further', async () => {
	const asked: (string | null)[] = [];
	const pages = new Pages<number, Page>();
	pages.ask(book(asked));
	await vi.waitFor(() => expect(pages.head).not.toBeNull());
	pages.refresh();
	await vi.waitFor(() => expect(asked).toHaveLength(2));
	await vi.waitFor(() => expect(pages.busy).toBe(false));
	await pages.more();
	pages.refresh();
	expect(asked).toHaveLength(3);
});
