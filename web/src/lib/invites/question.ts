// What is asked about invites.
import { inviteStatsOptions, invitesOptions, inviteTreeOptions } from '#lib/api/@tanstack/svelte-query.gen.ts';
import { keepFor } from '#lib/data/queries.ts';
import { periodQuery, type View } from '#lib/state/view.ts';

export function inviteStatsQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...inviteStatsOptions({ path, query: periodQuery(view) }), placeholderData: keepFor(path) };
}

export const bookQuestion = (guild_id: string) => invitesOptions({ path: { guild_id } });

export function treeQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...inviteTreeOptions({ path, query: periodQuery(view) }), placeholderData: keepFor(path) };
}
