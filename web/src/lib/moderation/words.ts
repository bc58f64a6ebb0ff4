// Acts in words.
import type { CaseChange, ModerationCase, MemberRef } from '#lib/api/index.ts';
import { num } from '#lib/format/number.ts';
import { ago, moment, seconds } from '#lib/format/time.ts';
import { pageWords } from '#lib/i18n/index.svelte.ts';
import { memberName } from '#lib/parts/name.ts';

/** "Ban", with how many where it was several: "Messages deleted, 12 messages". */
export function amount(act: ModerationCase): string {
	const words = pageWords('moderation');
	if (act.count === null) return '';
	if (act.action === 'prune') return words.members(act.count);
	if (act.action === 'message_delete' || act.action === 'message_delete_bulk') return words.messages(act.count);
	return act.count > 1 ? words.times(num(act.count)) : '';
}

/** Who did it: a name, Discord itself, or unknown. */
export function moderatorName(act: Pick<ModerationCase, 'action' | 'moderator'>): string {
	if (act.moderator) return memberName(act.moderator);
	return act.action === 'automod' ? pageWords('moderation').automatic : pageWords('moderation').unknown;
}

/** "By Ada"; or that nobody knows who. */
export function doneBy(act: ModerationCase): string {
	const words = pageWords('moderation');
	return act.moderator || act.action === 'automod' ? words.byModerator(moderatorName(act)) : words.unknownLabel;
}

export function targetName(target: MemberRef | null): string {
	return target ? memberName(target) : pageWords('moderation').noTarget;
}

/** The act in a sentence, for whoever hears it. */
export function actSentence(act: ModerationCase, zone: string): string {
	const words = pageWords('moderation');
	return [words.actions[act.action], amount(act), act.target && memberName(act.target), doneBy(act), moment(seconds(act.at), zone)]
		.filter(Boolean)
		.join(', ');
}

/** How far a timeout has come: "running", "lifted 2 h ago". */
export function timeoutState(act: ModerationCase, now: number): string {
	const words = pageWords('moderation').timeoutStates;
	if (!act.timeout) return '';
	const { state, ended_at } = act.timeout;
	if (state === 'running') return words.running;
	return words[state](ago(seconds(ended_at ?? act.timeout.until), now));
}

/** What a change was called, from what, to what. A role given has no before, a role taken no after. */
export function changeLine(change: CaseChange): { field: string; old: string | null; new: string | null } {
	const words = pageWords('moderation');
	const value = (text: string | null) => (text === null ? null : (words.values[text] ?? text));
	const field = words.fields[change.field] ?? change.field.replaceAll('_', ' ');
	if (change.field === 'role_added') return { field, old: null, new: change.new ?? change.old };
	if (change.field === 'role_removed') return { field, old: change.new ?? change.old, new: null };
	return { field, old: value(change.old), new: value(change.new) };
}
