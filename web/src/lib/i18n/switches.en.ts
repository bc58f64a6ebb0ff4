// The words of the page of switches; they travel with it.

const switches = {
	title: 'What does Vigie listen to?',
	all: 'Every event is listened to.',
	some: (off: string, events: string) => `${off} of ${events} events are switched off here.`,
	effect: 'A switch takes effect within five seconds. What was counted before is kept; what happens meanwhile is never known.',
	here: 'In this server',
	everywhere: 'In every server',
	offEverywhere: 'off in every server',
	on: 'on',
	off: 'off',
	toggleHere: (event: string) => `${event}, in this server`,
	toggleEverywhere: (event: string) => `${event}, in every server`,
	failed: (event: string) => `${event} could not be switched.`,
	sure: 'Switch it off in every server?',
	sureHelp: (event: string) => `${event} will not be heard in any server until it is switched on again.`,
	confirm: 'Switch off',
	cancel: 'Keep it on',
	groups: { messages: 'Messages', reactions: 'Reactions', voice: 'Voice', members: 'Members', moderation: 'Moderation', invites: 'Invites', server: 'The server itself' },
	costs: {
		AUTO_MODERATION_ACTION_EXECUTION: 'What Discord’s automatic moderation did',
		CHANNEL_CREATE: 'New channels, and their names',
		CHANNEL_DELETE: 'That a channel was deleted',
		CHANNEL_UPDATE: 'Names and places of channels',
		GUILD_AUDIT_LOG_ENTRY_CREATE: 'Who acted and why, at once; it is read later from the audit log',
		GUILD_BAN_ADD: 'Bans, the moment they happen',
		GUILD_BAN_REMOVE: 'Bans lifted',
		GUILD_EMOJIS_UPDATE: 'Changes of emojis',
		GUILD_MEMBER_ADD: 'Joins, and by whose invite',
		GUILD_MEMBER_REMOVE: 'Departures of every kind',
		GUILD_MEMBER_UPDATE: 'Timeouts, nicknames and roles, the moment they change',
		GUILD_ROLE_CREATE: 'New roles',
		GUILD_ROLE_DELETE: 'Roles deleted',
		GUILD_ROLE_UPDATE: 'Changes of roles',
		GUILD_UPDATE: 'Changes of the server: name, icon, owner …',
		INVITE_CREATE: 'New invites: joins by them are harder to attribute',
		INVITE_DELETE: 'Invites deleted or used up: joins are harder to attribute',
		MESSAGE_CREATE: 'Messages and commands: most of all figures',
		MESSAGE_DELETE_BULK: 'Messages deleted at once',
		MESSAGE_REACTION_ADD: 'Reactions given',
		MESSAGE_REACTION_REMOVE: 'Reactions taken back',
		MESSAGE_REACTION_REMOVE_ALL: 'Reactions cleared from a message',
		MESSAGE_REACTION_REMOVE_EMOJI: 'One emoji cleared from a message',
		THREAD_CREATE: 'New threads',
		THREAD_DELETE: 'Threads deleted',
		THREAD_LIST_SYNC: 'Threads of channels that become visible',
		THREAD_UPDATE: 'Names of threads',
		VOICE_STATE_UPDATE: 'Everything about voice'
	} as Record<string, string>
};

export type SwitchWords = typeof switches;
export default switches;
