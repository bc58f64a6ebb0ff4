// What is asked about moderation.
import { keepFor } from '#lib/data/queries.ts';
import { moderationCaseOptions, moderationOptions, moderationSummaryOptions } from '#lib/api/@tanstack/svelte-query.gen.ts';
import { periodQuery, type View } from '#lib/state/view.ts';

export function summaryQuestion(guild_id: string, view: View) {
	const path = { guild_id };
	return { ...moderationSummaryOptions({ path, query: { ...periodQuery(view), compare: view.compare } }), placeholderData: keepFor(path) };
}

/** One act with its evidence. */
export const caseQuestion = (guild_id: string, case_id: string) => moderationCaseOptions({ path: { guild_id, case_id } });

/** The latest acts there are, whatever the period. */
export const latestQuestion = (guild_id: string, tz: string) => moderationOptions({ path: { guild_id }, query: { range: 'all', tz, limit: 6 } });
