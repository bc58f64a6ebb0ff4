import { loadPageWords } from '#lib/i18n/index.svelte.ts';

export const load = () => loadPageWords('switches');
