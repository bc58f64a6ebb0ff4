// The words of the app in the viewer's language. One chunk per language, loaded before the first page; the words that
// only one page needs are loaded with that page.
import type { CoverageWords } from './coverage.en.ts';
import type { Definitions } from './definitions.en.ts';
import type { DialogWords } from './dialogs.en.ts';
import type { Dictionary } from './en.ts';
import { languages, locale, setLocale, type Language } from './locale.svelte.ts';
import { keep, kept } from '../state/kept.ts';
import type { ModerationWords } from './moderation.en.ts';
import type { PeopleWords } from './people.en.ts';
import type { StatusWords } from './status.en.ts';
import type { SwitchWords } from './switches.en.ts';
import type { VoiceWords } from './voice.en.ts';

const load: Record<Language, () => Promise<{ default: Dictionary }>> = {
	en: () => import('./en.ts'),
	fr: () => import('./fr.ts')
};

interface PageWords {
	voice: VoiceWords;
	coverage: CoverageWords;
	status: StatusWords;
	moderation: ModerationWords;
	people: PeopleWords;
	switches: SwitchWords;
	dialogs: DialogWords;
}

const loadPage: { [P in keyof PageWords]: Record<Language, () => Promise<{ default: PageWords[P] }>> } = {
	voice: { en: () => import('./voice.en.ts'), fr: () => import('./voice.fr.ts') },
	coverage: { en: () => import('./coverage.en.ts'), fr: () => import('./coverage.fr.ts') },
	status: { en: () => import('./status.en.ts'), fr: () => import('./status.fr.ts') },
	moderation: { en: () => import('./moderation.en.ts'), fr: () => import('./moderation.fr.ts') },
	people: { en: () => import('./people.en.ts'), fr: () => import('./people.fr.ts') },
	switches: { en: () => import('./switches.en.ts'), fr: () => import('./switches.fr.ts') },
	dialogs: { en: () => import('./dialogs.en.ts'), fr: () => import('./dialogs.fr.ts') }
};

/** How everything is counted, in the language in use. */
export async function loadDefinitions(): Promise<Definitions> {
	const loaded = await (locale.language === 'fr' ? import('./definitions.fr.ts') : import('./definitions.en.ts'));
	return loaded.default;
}

let words = $state.raw<Dictionary>();
let pages = $state.raw<Partial<PageWords>>({});

/** The dictionary in use. */
export function t(): Dictionary {
	if (!words) throw new Error('startLanguage() has not finished: the root layout awaits it');
	return words;
}

/** The words of one page, which its `load` has asked for. */
export function pageWords<P extends keyof PageWords>(page: P): PageWords[P] {
	const found = pages[page];
	if (!found) throw new Error(`loadPageWords('${page}') has not finished: the page's load awaits it`);
	return found as PageWords[P];
}

async function wordsOf<P extends keyof PageWords>(page: P, language: Language): Promise<Partial<PageWords>> {
	return { [page]: (await loadPage[page][language]()).default };
}

/** Loads the words of a page in the language in use, or in the one that will be used at the start. */
export async function loadPageWords(page: keyof PageWords): Promise<void> {
	const loaded = await wordsOf(page, words ? locale.language : firstLanguage());
	pages = { ...pages, ...loaded };
}

/** Loads `language` and shows the app in it from then on. */
export async function useLanguage(language: Language, remember = true): Promise<void> {
	const known = Object.keys(pages) as (keyof PageWords)[];
	const [loaded, ...ofPages] = await Promise.all([load[language](), ...known.map((page) => wordsOf(page, language))]);
	setLocale(language, navigator.languages);
	words = loaded.default;
	pages = Object.assign({}, pages, ...ofPages);
	document.documentElement.lang = language;
	if (remember) keep('language', language);
}

/** The language chosen earlier, else the browser's, else English. */
function firstLanguage(): Language {
	const wanted = kept('language') ?? navigator.language.slice(0, 2);
	return languages.find((language) => language === wanted) ?? 'en';
}

/** Loads the words of the first page. */
export async function startLanguage(): Promise<void> {
	if (words) return;
	await useLanguage(firstLanguage(), false);
}

export { languages, locale, type Language };
