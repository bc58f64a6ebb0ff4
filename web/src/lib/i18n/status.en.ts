// The words of the status page; they travel with it.
import { num } from '../format/number.ts';
import { plural } from './locale.svelte.ts';

const count = (n: number, one: string, other: string) => `${num(n)} ${plural('en', n, one, other)}`;

const status = {
	title: 'Is the picture complete?',
	yes: 'Yes: everything that was heard is counted.',
	waiting: (entries: string) => `Almost: ${entries} waiting to be stored.`,
	storeDown: 'No: the database does not answer. What is heard is kept and stored as soon as it does.',
	shardDown: (n: number) => `Not now: ${count(n, 'connection is', 'connections are')} down. Vigie reconnects by itself.`,
	noShards: 'No connection to Discord yet: nothing is being heard.',
	shards: 'Connections to Discord',
	shard: 'Shard',
	state: 'State',
	servers: 'Servers',
	latency: 'Latency',
	events: 'Events',
	lastEvent: 'Last event',
	store: 'Database',
	storeOk: 'answers',
	storeBad: 'does not answer',
	outbox: 'Waiting to be stored',
	oldest: (when: string) => `oldest written ${when}`,
	ingest: 'Records stored',
	repeats: (n: string) => `${n} repeats recognised and skipped`,
	unreadable: (n: string) => `${n} unreadable, kept aside`,
	lastCommit: (when: string) => `last stored ${when}`,
	counted: 'Events counted',
	setAside: 'Heard, not counted',
	setAsideHint: 'Events by the reason they do not count. Nothing is dropped without one.',
	nothingAside: 'Every event counted.',
	catchUp: 'Reading again what was missed',
	catchUpHint: 'Messages of a gap come back from Discord’s history by themselves.',
	catchUpDone: 'Nothing waits to be read again.',
	catchUpLeft: (channels: string, servers: string) => `${channels} of ${servers} still to be read`,
	catchUpFrom: (when: string) => `oldest gap from ${when}`,
	catchUpWaiting: (when: string) => `waiting for Discord’s limit until ${when}`,
	recovered: 'Messages recovered',
	pages: 'Pages read',
	requests: 'Requests',
	refused: 'Channels refused',
	readingTitle: 'Reading what no event tells',
	readingHint: 'Audit logs, invites and lists of members, asked for when they are needed.',
	readingNothing: 'Nothing waits to be read.',
	readingNow: (what: string, server: string) => `${what} of ${server}`,
	readingKinds: { audit_log: 'Audit log', invites: 'Invites', members: 'List of members' },
	readingAnswered: 'Answers',
	readingRefused: 'Refused',
	sinceStart: 'since the start',
	journal: 'Journal',
	journalNote: (when: string) => `checkpoint ${when}`,
	noCheckpoint: 'no checkpoint yet',
	file: (size: string) => `${size} on disk`,
	restart: 'Last start',
	restarts: {
		resumed: 'resumed, nothing missed',
		new_session: 'new session',
		state_lost: 'started without memory'
	},
	notHeard: 'Servers that are not heard fully',
	recovering: (n: number) => `Almost: messages of ${count(n, 'server are', 'servers are')} being read again.`,
	blind: (n: number) => `Not now: ${count(n, 'server is', 'servers are')} not heard.`,
	since: (when: string) => `since ${when}`,
	version: 'Version',
	started: (when: string) => `started ${when}`,
	never: 'never',
	states: {
		connected: 'Connected',
		active: 'Connected',
		ready: 'Connected',
		connecting: 'Connecting',
		identifying: 'Logging in',
		resuming: 'Resuming',
		disconnected: 'Disconnected',
		fatally_closed: 'Refused',
		closed: 'Closed'
	} as Record<string, string>
};

export type StatusWords = typeof status;
export default status;
