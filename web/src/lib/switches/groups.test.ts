import { expect, it } from 'vitest';
import { grouped, groupOf } from './groups.ts';

it('an event belongs to the page that shows it', () => {
	expect(groupOf('MESSAGE_CREATE')).toBe('messages');
	expect(groupOf('MESSAGE_REACTION_REMOVE_ALL')).toBe('reactions');
	expect(groupOf('MESSAGE_DELETE_BULK')).toBe('moderation');
	expect(groupOf('GUILD_MEMBER_UPDATE')).toBe('moderation');
	expect(groupOf('GUILD_MEMBER_ADD')).toBe('members');
	expect(groupOf('INVITE_DELETE')).toBe('invites');
	expect(groupOf('SOMETHING_NEW')).toBe('server');
});

it('groups keep every event once, and empty ones are left out', () => {
	const events = ['VOICE_STATE_UPDATE', 'GUILD_UPDATE', 'MESSAGE_CREATE'].map((event) => ({ event }));
	expect(grouped(events).map(({ group, events }) => [group, events.length])).toEqual([['messages', 1], ['voice', 1], ['server', 1]]);
});
