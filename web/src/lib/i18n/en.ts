// English. The shape of this object is the shape of every dictionary: a missing key is a type error.
import { num } from '../format/number.ts';
import { plural } from './locale.svelte.ts';

const count = (n: number, one: string, other: string) => `${num(n)} ${plural('en', n, one, other)}`;

const en = {
	app: {
		name: 'Vigie',
		skip: 'Skip to content',
		close: 'Close',
		retry: 'Try again',
		menu: 'More',
		apply: 'Apply',
		other: 'Other',
		unknownChannel: 'Unknown channel',
		deleted: 'deleted',
		bot: 'bot',
		webhook: 'webhook',
		definition: (what: string) => `How “${what}” is counted`,
		seeAll: 'See all',
		demo: 'Demo data'
	},
	nav: {
		main: 'Main',
		servers: 'Servers',
		overview: 'Overview',
		voice: 'Voice',
		coverage: 'Coverage',
		leaderboards: 'Leaderboards',
		channels: 'Channels',
		status: 'Status',
		help: 'Keyboard and definitions',
		palette: 'Search and commands',
		paletteShort: 'Search',
		switchServer: 'Switch server',
		chooseServer: 'Choose a server',
		filters: 'Filters'
	},
	theme: { label: 'Theme', light: 'Light', dark: 'Dark', system: 'System' },
	language: { label: 'Language', en: 'English', fr: 'Français' },
	period: {
		label: 'Period',
		ranges: {
			'24h': 'Last 24 hours',
			'7d': 'Last 7 days',
			'30d': 'Last 30 days',
			'90d': 'Last 90 days',
			all: 'Since the first day',
			today: 'Today',
			week: 'This week',
			month: 'This month'
		},
		within: {
			'24h': 'in the last 24 hours',
			'7d': 'in the last 7 days',
			'30d': 'in the last 30 days',
			'90d': 'in the last 90 days',
			all: 'since the first day',
			today: 'today',
			week: 'this week',
			month: 'this month'
		},
		withinCustom: (days: string) => `over ${days}`,
		custom: 'Custom dates',
		from: 'First day',
		to: 'Last day',
		badDates: 'The last day must not come before the first.',
		resetZoom: 'Back to the last 30 days'
	},
	compare: {
		label: 'Compared with',
		previous: 'Previous period',
		previous_year: 'A year earlier',
		none: 'Nothing',
		short: { previous: 'vs previous', previous_year: 'vs last year', none: 'No comparison' },
		than: { previous: 'than in the period before', previous_year: 'than a year earlier', none: '' },
		versus: { previous: 'vs previous period', previous_year: 'vs a year earlier', none: '' },
		was: (value: string) => `was ${value}`,
		noPast: 'no data to compare with',
		fresh: 'new',
		withheld: {
			blind_before: 'too little of the earlier period was heard to compare',
			blind: 'too little of this period was heard to compare'
		},
		withheldShort: 'not comparable'
	},
	zone: {
		label: 'Time zone',
		find: 'Find a city or a zone',
		mine: 'Your zone',
		server: 'Zone of the server',
		times: (zone: string) => `Times in ${zone}`
	},
	audience: {
		label: 'Who counts',
		humans: 'People',
		bots: 'Bots and webhooks',
		all: 'Everyone',
		channel: 'Channel',
		allChannels: 'All channels',
		only: (name: string) => `Only ${name}`,
		remove: (name: string) => `Remove the filter ${name}`,
		findChannel: 'Find a channel'
	},
	metric: {
		messages: 'Messages',
		reactions: 'Reactions',
		active_members: 'Active members',
		voice_minutes: 'Voice time',
		active_voice_minutes: 'Active voice time',
		sessions: 'Voice sessions',
		concurrency: 'People at once',
		commands: 'Commands',
		members: 'Members',
		reactions_given: 'Reactions given',
		reactions_received: 'Reactions received',
		active_days: 'Active days',
		share: 'Share',
		rank: 'Rank',
		voice_rank: 'Rank in voice',
		score: 'Score'
	},
	count: {
		messages: (n: number) => count(n, 'message', 'messages'),
		members: (n: number) => count(n, 'member', 'members'),
		people: (n: number) => count(n, 'person', 'people'),
		rows: (n: number) => count(n, 'member', 'members'),
		entries: (n: number) => count(n, 'entry', 'entries'),
		channels: (n: number) => count(n, 'channel', 'channels'),
		servers: (n: number) => count(n, 'server', 'servers')
	},
	overview: {
		title: (guild: string) => `How active is ${guild}?`,
		answer: (messages: string, people: string, within: string) => `${messages} from ${people} ${within}`,
		more: (change: string, than: string) => `${change} more messages ${than}`,
		less: (change: string, than: string) => `${change} fewer messages ${than}`,
		same: (than: string) => `about as many messages ${than.replace('than', 'as')}`,
		quiet: (within: string) => `Nobody has written ${within}.`,
		ofMembers: (share: string, total: string) => `${share} of ${total} members`,
		topChannels: 'Where it happens',
		topChannelsHint: 'Channels by messages. Click one to filter everything.',
		topMembers: 'Who keeps it alive',
		topMembersHint: 'Members by messages',
		topEmojis: 'What they react with',
		topEmojisHint: 'Emojis by reactions given',
		empty: 'Nothing was counted in this period',
		emptyHelp: 'Choose a longer period, or another audience. New messages appear here within a minute.',
		voiceNote: (share: string) => `${share} active`
	},
	chart: {
		of: (metric: string) => (metric.endsWith(' time') ? metric : `${metric} over time`),
		step: 'Step',
		steps: { auto: 'Auto', minute: 'Minute', hour: 'Hour', day: 'Day', week: 'Week', month: 'Month' },
		per: { minute: 'per minute', hour: 'per hour', day: 'per day', week: 'per week', month: 'per month' },
		split: 'Split',
		splits: {
			none: 'Not split',
			channel: 'Channel',
			category: 'Category',
			member: 'Member',
			kind: 'People / bots',
			emoji: 'Emoji',
			state: 'Voice state'
		},
		kinds: { human: 'People', bot: 'Bots', webhook: 'Webhooks' },
		uncategorised: 'No category',
		compared: 'Compared',
		table: 'Table',
		chart: 'Chart',
		csv: 'CSV',
		csvHint: 'Download as CSV',
		fileHint: (form: string) => `Download the list as ${form}`,
		shown: 'Shown',
		notes: { whole_hours: 'This time zone is off the hour: hours that a bound cuts count where they begin.' },
		zoomHint: 'Drag to zoom. Arrow keys read the values one by one.',
		partial: 'so far',
		summary: (metric: string, from: string, total: string, peak: string, at: string) =>
			`${metric} over ${from}: ${total} in all, most on ${at} (${peak}).`,
		time: 'Time',
		hide: (name: string) => `Hide ${name}`,
		show: (name: string) => `Show ${name}`
	},
	voiceStates: {
		muted: 'Muted',
		deafened: 'Deafened',
		streaming: 'Streaming',
		video: 'Camera on',
		suppressed: 'In the audience',
		alone: 'Alone',
		afk: 'AFK'
	},
	gap: {
		column: 'Not heard',
		seconds: 'Not heard (s)',
		blind: (length: string, why: string) => `Not heard for ${length}: ${why}`,
		recovered: (length: string, why: string) => `Read again, ${length}: ${why}`,
		more: (n: number) => `and ${count(n, 'more gap', 'more gaps')}`,
		merged: 'There are more gaps than are drawn: near ones are shown as one.',
		heard: (share: string) => `${share} heard`,
		heardHelp: (share: string) => `Only ${share} of this period was heard. See what is missing.`,
		legendRecovered: 'read again',
		families: { messages: 'Messages', reactions: 'Reactions', voice: 'Voice' },
		reasons: {
			session_lost: 'the connection to Discord was lost',
			guild_outage: 'Discord reported the server unavailable',
			removed: 'the bot was not in the server',
			state_lost: 'what the bot remembered was lost',
			missing_permission: 'the bot may not read the history',
			history_refused: 'Discord refused to give the history',
			switched_off: 'collecting this was switched off',
			not_installed: 'Vigie was not listening yet',
			not_heard: 'nothing has been heard since'
		}
	},
	heatmap: {
		title: 'When they are here',
		hint: (metric: string) => `${metric} by weekday and hour, on average`,
		busiest: (day: string, hour: string, value: string) => `Busiest: ${day} at ${hour}, ${value}`,
		cell: (day: string, hour: string, value: string) => `${day} at ${hour}: ${value}`,
		perHour: (value: string) => `${value} per hour`,
		none: 'not heard in this period',
		day: 'Day',
		less: 'less',
		more: 'more'
	},
	leaderboards: {
		title: (guild: string) => `Who keeps ${guild} alive?`,
		answer: (first: string, share: string, rows: string) => `${first} leads with ${share} of the total, among ${rows}.`,
		tabs: { messages: 'Messages', voice: 'Voice', reactions: 'Reactions', activity: 'Overall' },
		search: 'Find a member',
		member: 'Member',
		trend: 'Trend',
		value: { messages: 'Messages', voice: 'Voice time', reactions: 'Reactions', activity: 'Score' },
		up: (n: number) => `up ${count(n, 'place', 'places')}`,
		down: (n: number) => `down ${count(n, 'place', 'places')}`,
		same: 'same place',
		fresh: 'new on this board',
		score: (message: string, voice: string, reaction: string) =>
			`Score = messages × ${message} + minutes in voice × ${voice} + reactions given × ${reaction}`,
		none: 'Nobody on this board yet',
		noneHelp: 'Choose a longer period or another audience.',
		noMatch: (query: string) => `No member matches “${query}”`,
		noMatchHelp: 'Search looks at user names and display names of this board.',
		csvHint: 'Download the whole board as CSV'
	},
	member: {
		title: (name: string, guild: string) => `What does ${name} do in ${guild}?`,
		answer: (messages: string, within: string, rank: string) => `${messages} ${within}, rank ${rank}.`,
		answerNoRank: (messages: string, within: string) => `${messages} ${within}.`,
		firstSeen: 'Seen since',
		lastSeen: 'last active',
		allTime: (value: string) => `${value} in all`,
		channels: 'Where they write',
		channelsHint: 'Channels by messages',
		when: 'When they write',
		chart: 'Messages over time',
		noChannels: 'No message in this period',
		voice: 'Where they talk',
		voiceHint: 'Voice channels by time',
		voiceChart: 'Voice time',
		noVoice: 'Not in voice in this period'
	},
	channel: {
		title: (name: string) => `Is ${name} alive?`,
		alive: (messages: string, people: string, within: string) => `Yes: ${messages} from ${people} ${within}.`,
		fading: (messages: string, within: string, change: string) => `Less and less: ${messages} ${within}, ${change}.`,
		silent: (within: string) => `No: nobody has written here ${within}.`,
		share: (share: string) => `${share} of the server's messages`,
		last: (when: string) => `Last active ${when}`,
		lastHour: 'Active within the hour',
		in: (parent: string) => `in ${parent}`,
		members: 'Who writes here',
		membersHint: 'Members by messages',
		noMembers: 'Nobody wrote in this period',
		threads: 'Threads',
		categoryChannels: 'Channels of this category',
		threadsHint: 'By messages in this period',
		when: 'When it is used',
		chart: 'Messages over time',
		talked: (time: string, people: string, within: string) => `Yes: ${time} in voice from ${people} ${within}.`,
		voiceChart: 'Voice time',
		voiceMembers: 'Who talks here',
		voiceMembersHint: 'Members by voice time',
		noVoice: 'Nobody was in voice here in this period',
		peak: (people: string) => `${people} at once at most`,
		kinds: {
			text: 'Text channel',
			voice: 'Voice channel',
			category: 'Category',
			announcement: 'Announcement channel',
			thread: 'Thread',
			stage: 'Stage channel',
			forum: 'Forum',
			media: 'Media channel',
			other: 'Channel'
		}
	},
	servers: {
		title: 'How are your servers doing?',
		answer: (live: number, all: number) =>
			live === all ? `All ${num(all)} are live.` : `${num(live)} of ${num(all)} are live right now.`,
		week: 'Messages, 7 days',
		health: {
			live: 'Live',
			quiet: 'Quiet',
			stale: 'Stale'
		},
		healthHelp: {
			live: 'Something was counted within the last two hours.',
			quiet: 'The bot is there; nothing was counted lately.',
			stale: 'The bot was removed, or nothing was counted for seven days.'
		},
		heard: { ok: 'Heard', recovering: 'Catching up', blind: 'Not heard', unknown: 'Not heard yet' },
		heardHelp: {
			ok: 'Everything is heard as it happens.',
			recovering: 'It is heard; messages that were missed are being read again.',
			blind: 'Discord is not heard for this server now. Vigie reconnects by itself.',
			unknown: 'Nothing was heard of this server yet.'
		},
		none: 'No server yet',
		noneHelp: 'As soon as the bot is a member of a Discord server, the server appears here by itself, and counting starts at that moment.',
		missing: 'A server is missing?',
		missingHelp: 'Vigie shows every server its bot is a member of. Invite the bot, and the server appears here within a minute.'
	},
	live: {
		live: 'Live',
		connecting: 'Connecting',
		stale: 'Stale',
		updated: (when: string) => `Updated ${when}`,
		help: {
			live: 'New figures appear by themselves.',
			connecting: 'The connection is being made.',
			stale: 'The connection is lost; trying again. The figures shown are the last received.'
		}
	},
	error: {
		title: 'This could not be loaded',
		network: 'The server does not answer. Check that it runs, and your connection.',
		server: 'The server met an error. Its log says more.',
		noGuild: 'This server is not known here',
		noGuildHelp: 'The address may be mistyped, or the bot was never a member of it.',
		noMember: 'This member is not known here',
		noMemberHelp: 'Nothing was ever counted for this id in this server.',
		noChannel: 'This channel is not known here',
		noChannelHelp: 'It was never seen in this server.',
		badParameter: (name: string) => `The address holds a value that cannot be used (${name}).`,
		resetFilters: 'Reset the filters',
		pageTitle: 'There is no such page',
		pageHelp: 'The address may be mistyped, or the page has moved.',
		home: 'To the servers',
		stale: 'Shown from earlier: the last refresh failed.'
	},
	palette: {
		placeholder: 'Go to a page, a channel, a member, or type a command',
		pages: 'Pages',
		servers: 'Servers',
		channels: 'Channels',
		members: 'Members',
		commands: 'Commands',
		none: 'Nothing found',
		copyLink: 'Copy a link to this picture',
		definitions: 'Show how everything is counted',
		themeTo: (theme: string) => `Theme: ${theme}`,
		languageTo: (language: string) => `Language: ${language}`,
		periodTo: (period: string) => `Period: ${period}`,
		audienceTo: (audience: string) => `Who counts: ${audience}`,
		hint: '↑↓ to choose, Enter to go, Esc to close'
	},
	help: {
		title: 'Help',
		keys: 'Keyboard',
		palette: 'Search and commands',
		thisHelp: 'This help',
		search: 'Search in the page',
		theme: 'Switch between light and dark',
		zoomOut: 'Back to the default period',
		then: 'then',
		definitions: 'How everything is counted',
		documentation: 'API documentation'
	},
	definitionNames: {
		audience: 'Who counts',
		time: 'Time zone',
		comparison: 'Comparison',
		coverage: 'Coverage'
	}
};

export type Dictionary = typeof en;
export default en;
