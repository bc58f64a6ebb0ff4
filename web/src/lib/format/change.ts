// A change between two periods of which a part may not have been heard.

/** Below this share of either period, no change is told: the part that was heard says too little of the whole. */
const enough = 0.5;

export type Withheld = 'blind' | 'blind_before';

export interface Change {
	/** 0.12 = 12 % more, per covered time; null when there is none to tell. */
	change: number | null;
	withheld: Withheld | null;
}

export interface Heard {
	value: number;
	/** Share of its period that was covered, 0 to 1. */
	covered: number;
}

/**
 * The change against an earlier period. Sums are compared per covered time; members who count once however long one
 * listens (`distinct`) as they are.
 */
export function change(now: Heard, before: { value: number | null; covered: number | null }, distinct = false): Change {
	if (before.value === null) return { change: null, withheld: null };
	const covered = before.covered ?? 1;
	if (now.covered < enough) return { change: null, withheld: 'blind' };
	if (covered < enough) return { change: null, withheld: 'blind_before' };
	if (before.value === 0) return { change: null, withheld: null };
	const scale = distinct ? 1 : covered / now.covered;
	return { change: (now.value / before.value) * scale - 1, withheld: null };
}
