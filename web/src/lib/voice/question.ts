// What the voice page asks for.
import { leaderboardOptions, voiceOptions } from '#lib/api/@tanstack/svelte-query.gen.ts';
import { keepFor } from '#lib/data/queries.ts';
import { statsQuery, type View } from '#lib/state/view.ts';

export function voiceQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...voiceOptions({ path, query: statsQuery(view) }), placeholderData: keepFor(path) };
}

/** The ten who spent most time in voice. */
export function talkersQuestion(guild_id: string, view: View) {
	const path = { guild_id, board: 'voice' as const };
	return { ...leaderboardOptions({ path, query: { ...statsQuery(view), limit: 10 } }), placeholderData: keepFor(path) };
}
