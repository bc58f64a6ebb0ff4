import { useEarlyAnswers } from '#lib/data/early.ts';
import { startLanguage } from '#lib/i18n/index.svelte.ts';

export const ssr = false;

let started = false;

/** Nothing is shown before its words are there; answers that came meanwhile are shown with them. */
export async function load(): Promise<void> {
	if (started) return;
	await startLanguage();
	useEarlyAnswers();
	started = true;
}
