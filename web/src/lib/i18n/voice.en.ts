// The words of the voice page; they travel with it.
import { num } from '../format/number.ts';
import { plural } from './locale.svelte.ts';

const sessions = (n: number) => `${num(n)} ${plural('en', n, 'session', 'sessions')}`;

const voice = {
	title: (guild: string) => `How much is ${guild} talking?`,
	answer: (time: string, people: string, within: string) => `${time} in voice from ${people} ${within}`,
	answerActive: (share: string) => `, ${share} of it active`,
	quiet: (within: string) => `Nobody was in voice ${within}.`,
	activeShare: (share: string) => `${share} of voice time`,
	average: (length: string) => `${length} each on average`,
	noAverage: 'no session ended in this period',
	people: (n: string, what: string) => `${n} ${what}`,
	peak: 'Most at once',
	peakAt: (when: string) => `in the hour of ${when}`,
	noPeak: 'nobody was there',
	peakElsewhere: 'measured for people, in one channel or in all',
	channels: 'Where they talk',
	channelsHint: 'Channels by voice time. Click one to filter everything.',
	activePart: 'Active',
	otherPart: 'Alone, deafened or AFK',
	noVoice: 'Nobody was in voice in this period',
	noVoiceHelp: 'Choose a longer period, or another audience. Whoever joins a voice channel appears here within a minute.',
	states: 'What they do there',
	statesHint: 'Share of voice time. States overlap: one can be muted and alone.',
	members: 'Who talks most',
	membersHint: 'Members by voice time',
	hours: 'How many are there at once',
	hoursHint: (city: string) => `People in voice by hour of the day, in ${city}`,
	hoursAverage: 'On average',
	hoursPeak: 'Most at once',
	hoursLine: (hour: string, average: string, most: string) => `${hour}: ${average} on average, ${most} at most`,
	hoursNone: (hour: string) => `${hour}: not heard in this period`,
	hoursBusiest: (hour: string, average: string) => `Busiest at ${hour}, ${average} on average`,
	hour: 'Hour',
	sessions: 'Sessions',
	sessionsHint: 'From joining a channel to leaving it, the latest first. Kept for 30 days.',
	sessionsCount: sessions,
	who: 'Who',
	where: 'Where',
	when: 'When',
	length: 'Length',
	course: 'Course',
	now: 'still there',
	startNotHeard: 'start not heard',
	endNotHeard: 'end not heard',
	startNotHeardHelp: 'They were already there when listening began: the session may be longer.',
	endNotHeardHelp: 'Listening stopped while they were there: the session may be longer.',
	more: 'Show more sessions',
	moreFailed: 'More sessions could not be loaded.',
	noSessions: 'No session ended in this period',
	noSessionsHelp: 'A session appears here when its member leaves the channel. Sessions are kept for 30 days.',
	csv: 'Sessions as CSV',
	over: 'Voice time'
};

export type VoiceWords = typeof voice;
export default voice;
