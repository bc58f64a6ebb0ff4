// Finding among many by typing: what matches, best first.

export interface Item {
	key: string;
	text: string;
	hint?: string;
	/** Heading the item stands under. */
	group?: string;
	/** Words that match without being shown. */
	also?: string;
	current?: boolean;
	run: () => void;
}

/** Lower case without accents, so that "etat" finds "État". */
export function plain(text: string): string {
	return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** 0 = no match; a match at the start of the text beats one at the start of a word, which beats one inside. */
export function score(item: Pick<Item, 'text' | 'also'>, query: string): number {
	const wanted = plain(query.trim());
	if (!wanted) return 1;
	const text = plain(item.text);
	if (text.startsWith(wanted)) return 4;
	if (new RegExp(`[\\s/#_-]${escape(wanted)}`).test(text)) return 3;
	if (text.includes(wanted)) return 2;
	return item.also && plain(item.also).includes(wanted) ? 1 : 0;
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The items that match, groups kept together in their order, at most `most` in all. */
export function find<T extends Item>(items: readonly T[], query: string, most = 60): T[] {
	const groups = new Map<string, { item: T; score: number }[]>();
	for (const item of items) {
		const points = score(item, query);
		if (points === 0) continue;
		const group = groups.get(item.group ?? '') ?? [];
		group.push({ item, score: points });
		groups.set(item.group ?? '', group);
	}
	return [...groups.values()]
		.flatMap((group) => group.sort((a, b) => b.score - a.score).map((found) => found.item))
		.slice(0, most);
}
