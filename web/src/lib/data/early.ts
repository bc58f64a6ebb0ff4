// Puts the answers that arrived while the code was loading into the cache, so that the first drawing has them.
import { cache } from './client.ts';
import { guildsQuestion, overviewQuestion, seriesQuestion } from './queries.ts';
import { readView } from '#lib/state/view.ts';
import { ownZone } from '#lib/state/view.svelte.ts';

/** To be called once, before the first page is drawn. What has not arrived yet is picked up by `send` later. */
export function useEarlyAnswers(): void {
	const early = window.vigieEarly ?? {};
	const view = readView(new URLSearchParams(location.search), ownZone());
	const guild = /^\/g\/(\d+)/.exec(location.pathname)?.[1] ?? '';
	const keys = {
		guilds: guildsQuestion().queryKey,
		overview: overviewQuestion(guild, view).queryKey,
		series: seriesQuestion(guild, view, view).queryKey
	};
	for (const name of ['guilds', 'overview', 'series'] as const) {
		if (early[name]?.body === undefined) continue;
		cache.setQueryData(keys[name], early[name].body as never);
		delete early[name];
	}
}
