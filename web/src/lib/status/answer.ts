// The first sentence of the status page.
import type { Status } from '#lib/api/index.ts';
import type { Dictionary } from '#lib/i18n/en.ts';
import type { StatusWords } from '#lib/i18n/status.en.ts';

/** Age in seconds from which entries that wait are worth a word. */
const waitingLong = 120;

export type Health = 'good' | 'soon' | 'bad';

export function statusAnswer(status: Status, words: StatusWords, t: Dictionary): { health: Health; text: string } {
	if (!status.store.ok) return { health: 'bad', text: words.storeDown };
	if (status.shards.length === 0) return { health: 'bad', text: words.noShards };
	const down = status.shards.filter((shard) => !isUp(shard.state)).length;
	if (down > 0) return { health: 'bad', text: words.shardDown(down) };
	const oldest = status.outbox.oldest_at ? (Date.parse(status.now) - Date.parse(status.outbox.oldest_at)) / 1000 : 0;
	if (oldest > waitingLong) return { health: 'soon', text: words.waiting(t.count.entries(status.outbox.pending_entries)) };
	if (status.coverage.blind > 0) return { health: 'bad', text: words.blind(status.coverage.blind) };
	if (status.coverage.recovering > 0) return { health: 'soon', text: words.recovering(status.coverage.recovering) };
	return { health: 'good', text: words.yes };
}

export function isUp(state: string): boolean {
	return state === 'connected' || state === 'active' || state === 'ready';
}
