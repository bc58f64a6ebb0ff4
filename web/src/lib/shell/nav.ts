// The pages one can go to, and which of them is open.
import { page } from '$app/state';
import { t } from '#lib/i18n/index.svelte.ts';
import { link } from '#lib/state/view.svelte.ts';

export type PageName = 'servers' | 'overview' | 'voice' | 'leaderboards' | 'coverage' | 'status';

/** Where each page of a server lies below it. */
export const guildPages = { overview: '', voice: '/voice', leaderboards: '/leaderboards', coverage: '/coverage' } as const;

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
		for (const name of ['overview', 'voice', 'leaderboards', 'coverage'] as const) {
			all.push(place(name, `/g/${guild}${guildPages[name]}`, name !== 'coverage'));
		}
	}
	all.push(place('status', '/status', !guild));
	return all;
}
