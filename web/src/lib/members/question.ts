// What is asked about who comes, stays and goes.
import { growthOptions, lifecycleOptions, retentionOptions } from '#lib/api/@tanstack/svelte-query.gen.ts';
import { keepFor } from '#lib/data/queries.ts';
import { periodQuery, type StepChoice, type View } from '#lib/state/view.ts';
import type { CohortSize } from './cohorts.ts';

export function growthQuestion(guild_id: string, view: View, step: StepChoice) {
	const path = { guild_id };
	const query = { ...periodQuery(view), audience: view.audience, compare: view.compare, step };
	return { ...growthOptions({ path, query }), placeholderData: keepFor(path) };
}

export function retentionQuestion(guild_id: string, view: View, cohort: CohortSize, source: Record<string, string>) {
	const path = { guild_id };
	return { ...retentionOptions({ path, query: { ...periodQuery(view), cohort, ...source } }), placeholderData: keepFor(path) };
}

export function lifecycleQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...lifecycleOptions({ path, query: periodQuery(view) }), placeholderData: keepFor(path) };
}
