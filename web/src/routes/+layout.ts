import { startLanguage } from '#lib/i18n/index.svelte.ts';

export const ssr = false;

/** Nothing is shown before its words are there. */
export const load = () => startLanguage();
