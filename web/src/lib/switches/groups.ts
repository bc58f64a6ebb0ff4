// Events by what they are about, in the order of the pages that show them.

export const groups = ['messages', 'reactions', 'voice', 'members', 'moderation', 'invites', 'server'] as const;
export type Group = (typeof groups)[number];

/** What an event is about, by its name; one that this page does not know is about the server. */
export function groupOf(event: string): Group {
	if (event.startsWith('MESSAGE_REACTION')) return 'reactions';
	if (event === 'MESSAGE_DELETE_BULK') return 'moderation';
	if (event.startsWith('MESSAGE_')) return 'messages';
	if (event.startsWith('VOICE_')) return 'voice';
	if (event === 'GUILD_MEMBER_ADD' || event === 'GUILD_MEMBER_REMOVE') return 'members';
	if (event.startsWith('INVITE_')) return 'invites';
	if (event.startsWith('GUILD_BAN') || event.startsWith('GUILD_AUDIT') || event.startsWith('AUTO_MODERATION') || event === 'GUILD_MEMBER_UPDATE') return 'moderation';
	return 'server';
}

/** The events of each group that has any, in the order of the groups. */
export function grouped<E extends { event: string }>(events: readonly E[]): { group: Group; events: E[] }[] {
	return groups.map((group) => ({ group, events: events.filter(({ event }) => groupOf(event) === group) })).filter((found) => found.events.length > 0);
}
