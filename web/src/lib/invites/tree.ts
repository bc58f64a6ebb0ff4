// Who brought whom, from the flat list of the server.
import type { InviteTreeRow } from '../api/index.ts';

export interface Branch {
	row: InviteTreeRow;
	below: Branch[];
}

/** The trees of a list in which parents come before their children; whose parent is not in it stands at the top. */
export function branches(rows: readonly InviteTreeRow[]): Branch[] {
	const known = new Map<string, Branch>();
	const top: Branch[] = [];
	for (const row of rows) {
		const branch: Branch = { row, below: [] };
		const parent = row.parent_id === null ? undefined : known.get(row.parent_id);
		(parent?.below ?? top).push(branch);
		known.set(row.member.id, branch);
	}
	return top;
}
