// The pages one can go to, and which of them is open.
import { page } from '$app/state';
import { t } from '#lib/i18n/index.svelte.ts';
import { link } from '#lib/state/view.svelte.ts';

/** Where each page of a server lies below it, in the order of the navigation. */
export const guildPages = {
	overview: '',
	voice: '/voice',
	members: '/members',
	invites: '/invites',
	moderation: '/moderation',
	leaderboards: '/leaderboards',
	coverage: '/coverage',
	switches: '/switches'
} as const;
export type GuildPage = keyof typeof guildPages;

export type PageName = 'servers' | GuildPage | 'status';

/** Those with a place in the bottom bar of phones, which holds five with the list of servers and the menu. */
const docked = new Set<GuildPage>(['overview', 'voice', 'leaderboards']);

export interface Place {
	name: PageName;
	text: string;
	href: string;
	here: boolean;
	/** Has a place of its own in the bottom bar of phones, which holds five with the menu. */
	docked: boolean;
}

/** The places of the app; those of a guild only while one is open. */
export function places(guild: string | null): Place[] {
	const path = page.url.pathname;
	const place = (name: PageName, to: string, docked = true): Place => ({
		name,
		text: t().nav[name],
		href: to.startsWith('/g/') ? link(to) : to,
		here: path === to || path === `${to}/`,
		docked
	});
	const all = [place('servers', '/')];
	if (guild) {
		for (const name of Object.keys(guildPages) as GuildPage[]) all.push(place(name, `/g/${guild}${guildPages[name]}`, docked.has(name)));
	}
	all.push(place('status', '/status', !guild));
	return all;
}
