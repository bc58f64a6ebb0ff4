// What changed about a server, as notes beside a chart.
import { changes, type GuildChange } from '#lib/api/index.ts';
import { seconds } from '#lib/format/time.ts';
import { loadPageWords, pageWords } from '#lib/i18n/index.svelte.ts';
import { periodQuery, type View } from '#lib/state/view.ts';
import type { Note } from './plot.ts';

/** Notes of one chart: more than these could not be read beside it. */
const most = 100;

/** A change in words: "Role changed: Helpers (name: Aides → Helpers)". */
export function changeWords(change: GuildChange): string {
	const words = pageWords('moderation');
	const field = words.guildFields[change.field ?? ''] ?? (change.field ?? '').replaceAll('_', ' ');
	// Lists and pictures say nothing to a reader.
	const readable = (text: string | null) => text !== null && text.length <= 40 && change.field !== 'icon' && change.field !== 'permissions';
	const between = readable(change.old) && readable(change.new) ? ` (${change.old} → ${change.new})` : '';
	switch (change.kind) {
		case 'bot_added':
		case 'bot_removed':
			return words.changeKinds[change.kind];
		case 'guild':
			return words.changeKinds.guild(field) + between;
		default:
			return words.changeKinds[change.kind](change.subject ?? change.subject_id ?? '') + (change.field === 'name' ? between : '');
	}
}

/** The changes of the period, with their words loaded. Nothing when they cannot be had: a chart is read without them too. */
export async function changeNotes(guild_id: string, view: View, signal: AbortSignal): Promise<Note[]> {
	const [answer] = await Promise.all([changes({ path: { guild_id }, query: { ...periodQuery(view), limit: most }, signal }), loadPageWords('moderation')]);
	return (answer.data?.rows ?? []).map((change) => ({ at: seconds(change.at), text: changeWords(change) }));
}
