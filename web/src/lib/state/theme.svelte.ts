// Light, dark, or as the system has it. The boot script of app.html sets the first value before the first paint.
import { keep, kept } from './kept.ts';

export const themes = ['light', 'dark', 'system'] as const;
export type Theme = (typeof themes)[number];

function initial(): Theme {
	const chosen = kept('theme');
	return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

let chosen = $state<Theme>(initial());
let applied = $state<'light' | 'dark'>(
	typeof document !== 'undefined' && document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
);

/** The viewer's choice. */
export function theme(): Theme {
	return chosen;
}

/** What is on screen. Charts read it to know when to draw anew. */
export function shownTheme(): 'light' | 'dark' {
	return applied;
}

function apply(): void {
	const dark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
	applied = dark ? 'dark' : 'light';
	document.documentElement.dataset.theme = applied;
	document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#0b0d12' : '#f5f6f9');
}

export function useTheme(next: Theme): void {
	chosen = next;
	keep('theme', next === 'system' ? null : next);
	apply();
}

/** Follows the system while that is the choice; returns how to stop. */
export function followSystemTheme(): () => void {
	apply();
	const media = matchMedia('(prefers-color-scheme: dark)');
	media.addEventListener('change', apply);
	return () => media.removeEventListener('change', apply);
}
