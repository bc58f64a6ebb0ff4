// Where the server writes a whole board as a file.
import type { Board } from '#lib/api/index.ts';
import { statsQuery, type View } from '#lib/state/view.ts';

export function csvHref(guild: string, board: Board, view: View, search: string): string {
	const query = new URLSearchParams({ ...statsQuery(view), ...(search ? { search } : {}) } as Record<string, string>);
	return `/api/v1/guilds/${guild}/leaderboards/${board}.csv?${query}`;
}
