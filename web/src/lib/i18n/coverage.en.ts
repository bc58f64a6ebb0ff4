// The words of the coverage page; they travel with it.
import { num } from '../format/number.ts';
import { plural } from './locale.svelte.ts';

const count = (n: number, one: string, other: string) => `${num(n)} ${plural('en', n, one, other)}`;

const coverage = {
	title: (guild: string) => `What could not be heard in ${guild}?`,
	nothing: (within: string) => `Nothing is missing ${within}: all of it was heard.`,
	answer: (gaps: string, length: string, within: string) => `${gaps} ${within}, ${length} in all.`,
	worst: (family: string, share: string) => ` Least covered: ${family}, ${share}.`,
	readAgain: (within: string) => `Nothing is missing ${within}: what was not heard was read again.`,
	gaps: (n: number) => count(n, 'gap', 'gaps'),
	heard: 'Heard',
	recovered: 'Read again',
	blind: 'Missing',
	absent: 'Before the bot',
	of: 'of the period',
	strip: 'Where the gaps lie',
	stripHint: (days: string) => `Each line is a family, over ${days}`,
	list: 'The gaps, one by one',
	every: 'All',
	families: 'Which gaps',
	listHint: 'The latest first',
	goesOn: 'goes on',
	none: 'No gap in this period',
	noneHelp: 'Every connection lost and every outage would be listed here, with its reason.',
	more: 'Show more gaps',
	meanings: {
		messages: {
			blind: 'Messages and commands of this time are not in the figures.',
			recovered: 'Messages and commands of this time were read from the history: the figures are complete.'
		},
		reactions: {
			blind: 'Reactions of this time are not in the figures; Discord keeps no record of when they were given.',
			recovered: 'Reactions of this time were read again.'
		},
		voice: {
			blind: 'Who was in voice in this time is not known; Discord keeps no history of it.',
			recovered: 'Voice of this time was read again.'
		},
		members: {
			blind: 'Joins and departures of this time were not heard; who came and stayed is found in the list of members, where it may be read.',
			recovered: 'The list of members was read again: who came and stayed, and who left, is known.'
		},
		moderation: {
			blind: 'Acts of this time are not in the ledger.',
			recovered: 'Acts of this time were read from the audit log, with who did them and why.'
		}
	},
	notInstalled: 'Nothing of this time is known here.',
	left: (channels: string) => `${channels} still to be read`,
	access: 'What may be read',
	accessHint: 'What the bot needs beside listening, and what cannot be known without it',
	allowed: 'Allowed',
	refused: 'Refused',
	untried: 'Not tried yet',
	allWell: 'All of it may be read: nothing is lost.',
	needs: (grant: string) => `Needs: ${grant}`,
	without: 'Not known without it:',
	readings: { audit_log: 'Audit log', invites: 'Invites', members: 'List of members' },
	grants: {
		view_audit_log: 'the permission “View Audit Log” of the bot’s role',
		manage_guild: 'the permission “Manage Server” of the bot’s role',
		server_members_intent: 'the privileged intent “Server Members”, in Discord’s developer portal and in the settings of Vigie'
	},
	losses: {
		moderators: 'who acted',
		reasons: 'why',
		departure_kinds: 'kicks and prunes: they look like people leaving',
		moderation_backfill: 'what happened while the bot was away',
		attributions: 'by whose invite somebody came',
		invite_uses: 'how often each invite was used',
		growth_before: 'who joined before the bot came',
		departures_missed: 'who left while the bot was away'
	},
	began: (when: string) => `since ${when}`,
	since: (day: string) => `Listening since ${day}`,
	until: (when: string) => `last heard ${when}`
};

export type CoverageWords = typeof coverage;
export default coverage;
