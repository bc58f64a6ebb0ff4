// What pages ask for. While a new answer is on its way, the former one of the same guild stays on screen.
import type { Query } from '@tanstack/svelte-query';
import {
	channelOptions,
	channelsOptions,
	guildOptions,
	guildsOptions,
	heatmapOptions,
	memberOptions,
	overviewOptions,
	seriesOptions,
	statusOptions
} from '#lib/api/@tanstack/svelte-query.gen.ts';
import type { Metric, Split } from '#lib/api/index.ts';
import { ofMembers, statsQuery, type StepChoice, type View } from '#lib/state/view.ts';

interface Asked {
	path?: Record<string, unknown>;
}

/** Keeps the former answer when it was about the same things (same path), so that nothing jumps. */
export function keepFor(path: Record<string, unknown>) {
	return <T>(former: T | undefined, query: { queryKey: readonly unknown[] } | undefined): T | undefined => {
		const asked = (query?.queryKey[0] as Asked | undefined)?.path ?? {};
		return Object.keys(path).every((key) => path[key] === asked[key]) ? former : undefined;
	};
}

/** Whether a cached question is about this guild. */
export function aboutGuild(guild: string) {
	return (query: Query): boolean => (query.queryKey[0] as Asked | undefined)?.path?.guild_id === guild;
}

export const guildsQuestion = () => ({ ...guildsOptions(), refetchInterval: 60_000 });

export const guildQuestion = (guild_id: string) => guildOptions({ path: { guild_id } });

export const channelsQuestion = (guild_id: string) => ({ ...channelsOptions({ path: { guild_id } }), staleTime: 300_000 });

export function overviewQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...overviewOptions({ path, query: statsQuery(view) }), placeholderData: keepFor(path) };
}

export interface Cut {
	metric: Metric;
	step: StepChoice;
	split: Split;
}

export function seriesQuestion(guild_id: string, view: View, cut: Cut) {
	const path = { guild_id };
	const asked = ofMembers(cut.metric) ? { ...view, channel: null } : view;
	const query = { metric: cut.metric, step: cut.step, split: cut.split, ...statsQuery(asked) };
	return { ...seriesOptions({ path, query }), placeholderData: keepFor(path) };
}

export function heatmapQuestion(guild_id: string, view: View, metric: Metric) {
	const path = { guild_id };
	return { ...heatmapOptions({ path, query: { metric, ...statsQuery(view) } }), placeholderData: keepFor(path) };
}

export function memberQuestion(guild_id: string, user_id: string, view: View) {
	const path = { guild_id, user_id };
	return { ...memberOptions({ path, query: statsQuery(view) }), placeholderData: keepFor(path) };
}

export function channelQuestion(guild_id: string, channel_id: string, view: View) {
	const path = { guild_id, channel_id };
	return { ...channelOptions({ path, query: statsQuery(view) }), placeholderData: keepFor(path) };
}

export const statusQuestion = () => ({ ...statusOptions(), refetchInterval: 5_000, staleTime: 0 });
