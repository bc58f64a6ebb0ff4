// Channels under their categories, in the order Discord shows them.
import type { ChannelEntry } from '#lib/api/index.ts';

export interface Group {
	id: string;
	/** Null for the channels outside any category, which stand first. */
	name: string | null;
	channels: ChannelEntry[];
}

/** Living channels only, without threads: those are reached from their channel. */
export function tree(channels: readonly ChannelEntry[]): Group[] {
	const living = channels.filter((channel) => !channel.deleted && channel.kind !== 'thread');
	const outside: Group = { id: '', name: null, channels: [] };
	const groups = new Map<string, Group>();
	for (const channel of living) {
		if (channel.kind === 'category') groups.set(channel.id, { id: channel.id, name: channel.name, channels: [] });
	}
	for (const channel of living) {
		if (channel.kind === 'category') continue;
		(groups.get(channel.parent_id ?? '') ?? outside).channels.push(channel);
	}
	return [outside, ...groups.values()].filter((group) => group.channels.length > 0);
}
