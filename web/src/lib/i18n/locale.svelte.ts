// The viewer's language and the locale tag used for numbers, dates and weeks.
// Kept apart from the dictionaries so that formats can be tested without them.

/** Languages the app speaks completely. */
export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];

const fallbackTag: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' };

export const locale = $state({ language: 'en' as Language, tag: 'en-GB' });

/** The viewer's own regional variant of `language` when the browser names one, else a neutral tag. */
export function tagFor(language: Language, preferred: readonly string[]): string {
	return preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? fallbackTag[language];
}

export function setLocale(language: Language, preferred: readonly string[] = []): void {
	locale.language = language;
	locale.tag = tagFor(language, preferred);
}

/** Chooses the word for `n` by the rules of `language` (in French, 0 is singular). */
export function plural(language: Language, n: number, one: string, other: string): string {
	let rules = pluralRules.get(language);
	if (!rules) pluralRules.set(language, (rules = new Intl.PluralRules(language)));
	return rules.select(n) === 'one' ? one : other;
}
const pluralRules = new Map<Language, Intl.PluralRules>();
