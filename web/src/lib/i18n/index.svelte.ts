// The words of the app in the viewer's language. One chunk per language, loaded before the first page.
import type { Definitions } from './definitions.en.ts';
import type { Dictionary } from './en.ts';
import { languages, locale, setLocale, type Language } from './locale.svelte.ts';
import { keep, kept } from '../state/kept.ts';

const load: Record<Language, () => Promise<{ default: Dictionary }>> = {
	en: () => import('./en.ts'),
	fr: () => import('./fr.ts')
};

/** How everything is counted, in the language in use. */
export async function loadDefinitions(): Promise<Definitions> {
	const loaded = await (locale.language === 'fr' ? import('./definitions.fr.ts') : import('./definitions.en.ts'));
	return loaded.default;
}

let words = $state.raw<Dictionary>();

/** The dictionary in use. */
export function t(): Dictionary {
	if (!words) throw new Error('startLanguage() has not finished: the root layout awaits it');
	return words;
}

/** Loads `language` and shows the app in it from then on. */
export async function useLanguage(language: Language, remember = true): Promise<void> {
	const loaded = await load[language]();
	setLocale(language, navigator.languages);
	words = loaded.default;
	document.documentElement.lang = language;
	if (remember) keep('language', language);
}

/** The language chosen earlier, else the browser's, else English. */
export async function startLanguage(): Promise<void> {
	if (words) return;
	const wanted = kept('language') ?? navigator.language.slice(0, 2);
	await useLanguage(languages.find((language) => language === wanted) ?? 'en', false);
}

export { languages, locale, type Language };
