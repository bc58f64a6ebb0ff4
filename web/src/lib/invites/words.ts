// Origins in words.
import type { JoinOrigin } from '#lib/api/index.ts';
import { pageWords } from '#lib/i18n/index.svelte.ts';
import { memberName } from '#lib/parts/name.ts';

/** "by Ada, invite abc"; how many it may have been; or that nothing is known. */
export function originLine(origin: JoinOrigin | null): string {
	const words = pageWords('people');
	if (!origin) return words.invites.unattributed;
	if (origin.method === 'bot_added') return words.methods.bot_added;
	const parts = [origin.inviter && words.invites.by(memberName(origin.inviter)), origin.method === 'vanity' ? words.invites.vanity : origin.code && words.invites.code(origin.code)];
	const said = parts.filter(Boolean).join(', ');
	if (said) return said;
	return origin.candidates.length > 0 ? words.invites.oneOf(origin.candidates.length) : words.invites.unattributed;
}
