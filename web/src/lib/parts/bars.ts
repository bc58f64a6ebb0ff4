// Rows of the short rankings, from the answers of the server.
import type { ChannelRef, ChannelShare, MemberRef } from '#lib/api/index.ts';
import { channelName } from '#lib/charts/picture.ts';
import { t } from '#lib/i18n/index.svelte.ts';
import { memberName } from '#lib/parts/name.ts';
import { link, show, view } from '#lib/state/view.svelte.ts';
import type { Bar } from '#lib/ui/BarList.svelte';

interface MemberValue {
	member: MemberRef;
	value: number;
	share: number;
	previous?: number | null;
}

export function memberBar(guild: string, row: MemberValue): Bar {
	const { member } = row;
	return {
		key: member.id,
		name: memberName(member),
		note: member.kind === 'human' ? undefined : t().app[member.kind],
		value: row.value,
		share: row.share,
		previous: row.previous,
		face: { src: member.avatar_url },
		href: link(`/g/${guild}/members/${member.id}`)
	};
}

/** A channel that filters the page when clicked, with a second way to its own page. */
export function channelFilterBar(guild: string, row: ChannelShare): Bar {
	const name = channelName(row.channel, t());
	const chosen = view().channel === row.channel.id;
	return {
		...channelValue(row.channel, row.value, row.share),
		previous: row.previous,
		onclick: () => show({ channel: chosen ? null : row.channel.id }),
		pressed: chosen,
		go: { href: channelHref(guild, row.channel.id), label: t().channel.title(name) }
	};
}

export function channelBar(guild: string, row: { channel: ChannelRef; value: number; share: number }): Bar {
	return { ...channelValue(row.channel, row.value, row.share), href: channelHref(guild, row.channel.id) };
}

/** A bar of voice time, whose active part is drawn full. */
export function voiceBar(bar: Bar, time: { minutes: number; active_minutes: number }): Bar {
	return { ...bar, part: time.minutes > 0 ? time.active_minutes / time.minutes : 0 };
}

function channelHref(guild: string, channel: string): string {
	return link(`/g/${guild}/channels/${channel}`, { channel: null });
}

function channelValue(channel: ChannelRef, value: number, share: number): Bar {
	const note = channel.deleted ? t().app.deleted : (channel.parent_name ?? undefined);
	return { key: channel.id, name: channelName(channel, t()), note, value, share };
}
