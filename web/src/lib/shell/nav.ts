// The pages one can go to, and which of them is open.
import { page } from '$app/state';
import { t } from '#lib/i18n/index.svelte.ts';
import { link } from '#lib/state/view.svelte.ts';

export type PageName = 'servers' | 'overview' | 'leaderboards' | 'status';

export interface Place {
	name: PageName;
	text: string;
	href: string;
	here: boolean;
}

/** The places of the app; those of a guild only while one is open. */
export function places(guild: string | null): Place[] {
	const path = page.url.pathname;
	const place = (name: PageName, text: string, to: string): Place => ({
		name,
		text,
		href: to.startsWith('/g/') ? link(to) : to,
		here: path === to || path === `${to}/`
	});
	const all = [place('servers', t().nav.servers, '/')];
	if (guild) {
		all.push(place('overview', t().nav.overview, `/g/${guild}`));
		all.push(place('leaderboards', t().nav.leaderboards, `/g/${guild}/leaderboards`));
	}
	all.push(place('status', t().nav.status, '/status'));
	return all;
}
