// What the command palette offers.
import { goto } from '$app/navigation';
import type { ChannelEntry, Guild, LeaderboardRow } from '#lib/api/index.ts';
import { channelName } from '#lib/charts/picture.ts';
import { languages, locale, pageWords, t, useLanguage } from '#lib/i18n/index.svelte.ts';
import { openHelp } from '#lib/state/panels.svelte.ts';
import { theme, themes, useTheme } from '#lib/state/theme.svelte.ts';
import { audiences, ranges } from '#lib/state/view.ts';
import { link, show, view } from '#lib/state/view.svelte.ts';
import type { Item } from '#lib/ui/picker.ts';
import { places } from './nav.ts';

const go = (href: string) => () => void goto(href);

export function pageItems(guild: string | null): Item[] {
	return places(guild).map((place) => ({
		key: `page-${place.name}`,
		group: pageWords('dialogs').palette.pages,
		text: place.text,
		current: place.here,
		run: go(place.href)
	}));
}

export function guildItems(guilds: readonly Guild[], open: string | null): Item[] {
	return guilds.map((guild) => ({
		key: `guild-${guild.id}`,
		group: pageWords('dialogs').palette.servers,
		text: guild.name,
		hint: guild.member_count === null ? undefined : t().count.members(guild.member_count),
		current: guild.id === open,
		run: go(link(`/g/${guild.id}`, { channel: null }))
	}));
}

export function channelItems(guild: string, channels: readonly ChannelEntry[]): Item[] {
	return channels.map((channel) => ({
		key: `channel-${channel.id}`,
		group: pageWords('dialogs').palette.channels,
		text: channelName(channel, t()),
		hint: channel.deleted ? t().app.deleted : (channel.parent_name ?? undefined),
		run: go(link(`/g/${guild}/channels/${channel.id}`, { channel: null }))
	}));
}

export function memberItems(guild: string, rows: readonly LeaderboardRow[]): Item[] {
	return rows.map((row) => ({
		key: `member-${row.member.id}`,
		group: pageWords('dialogs').palette.members,
		text: row.member.display_name ?? row.member.name,
		hint: `@${row.member.name}`,
		run: go(link(`/g/${guild}/members/${row.member.id}`))
	}));
}

export function commandItems(guild: string | null): Item[] {
	const group = pageWords('dialogs').palette.commands;
	const item = (key: string, text: string, run: () => void, current = false): Item => ({ key, group, text, run, current });
	const ofGuild = guild
		? [
				...ranges.map((range) =>
					item(`range-${range}`, pageWords('dialogs').palette.periodTo(t().period.ranges[range]), () => show({ range, from: null, to: null }), view().range === range)
				),
				...audiences.map((audience) =>
					item(`audience-${audience}`, pageWords('dialogs').palette.audienceTo(t().audience[audience]), () => show({ audience }), view().audience === audience)
				),
				item('copy', pageWords('dialogs').palette.copyLink, () => void navigator.clipboard?.writeText(location.href))
			]
		: [];
	return [
		...ofGuild,
		item('definitions', pageWords('dialogs').palette.definitions, () => openHelp('messages')),
		...themes.map((value) => item(`theme-${value}`, pageWords('dialogs').palette.themeTo(t().theme[value]), () => useTheme(value), theme() === value)),
		...languages.map((value) =>
			item(`language-${value}`, pageWords('dialogs').palette.languageTo(t().language[value]), () => void useLanguage(value), locale.language === value)
		)
	];
}
