// What the list of acts is narrowed down to, as it stands in the address. No browser here.
import type { ModerationAction } from '../api/index.ts';
import type { Query } from '../state/view.ts';

/** Every action, those that weigh most first. */
export const actions = [
	'ban',
	'kick',
	'prune',
	'timeout',
	'warn',
	'automod',
	'unban',
	'timeout_removed',
	'message_delete',
	'message_delete_bulk',
	'role_update',
	'nick',
	'voice_mute',
	'voice_deafen',
	'voice_move',
	'voice_disconnect'
] as const satisfies readonly ModerationAction[];

export interface Filters {
	action: ModerationAction | null;
	/** A member's id, or `unknown`. */
	moderator: string | null;
	target: string | null;
	search: string;
}

const id = (value: string | null) => (value !== null && /^\d+$/.test(value) ? value : null);

/** Reads the filters of an address; what is misspelt is no filter. */
export function readFilters(query: Query): Filters {
	const moderator = query.get('moderator');
	return {
		action: actions.find((known) => known === query.get('action')) ?? null,
		moderator: moderator === 'unknown' ? moderator : id(moderator),
		target: id(query.get('target')),
		search: (query.get('q') ?? '').slice(0, 100)
	};
}

export function isNarrowed(filters: Filters): boolean {
	return filters.action !== null || filters.moderator !== null || filters.target !== null || filters.search !== '';
}

/** The parameters of `moderation/recent`; nothing for a filter that is not set. */
export function filterQuery(filters: Filters): Record<string, string> {
	return {
		...(filters.action ? { action: filters.action } : {}),
		...(filters.moderator ? { moderator: filters.moderator } : {}),
		...(filters.target ? { target: filters.target } : {}),
		...(filters.search ? { search: filters.search } : {})
	};
}

/** What an act weighs, for its sign: losing somebody, holding somebody back, giving back, or housekeeping. */
export type Weight = 'heavy' | 'firm' | 'undone' | 'light';

export function weight(action: ModerationAction): Weight {
	switch (action) {
		case 'ban':
		case 'kick':
		case 'prune':
			return 'heavy';
		case 'timeout':
		case 'warn':
		case 'automod':
		case 'voice_mute':
		case 'voice_deafen':
			return 'firm';
		case 'unban':
		case 'timeout_removed':
			return 'undone';
		default:
			return 'light';
	}
}
