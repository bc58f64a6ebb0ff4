// The keyboard of the whole app: Ctrl/Cmd K, ?, /, and jumps of two keys such as "g o".
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { openHelp, openPalette, panels } from '#lib/state/panels.svelte.ts';
import { shownTheme, useTheme } from '#lib/state/theme.svelte.ts';
import { link, show } from '#lib/state/view.svelte.ts';
import { guildPages } from './nav.ts';

/** Second keys after `g`, and where they lead inside the guild that is open. */
export const jumps = {
	o: 'overview',
	v: 'voice',
	m: 'members',
	i: 'invites',
	a: 'moderation',
	l: 'leaderboards',
	c: 'coverage',
	e: 'switches',
	s: 'servers',
	t: 'status'
} as const;
/** Time in which the second key must follow. */
const jumpMs = 1_200;

export function target(to: (typeof jumps)[keyof typeof jumps], guild: string | undefined): string | null {
	if (to === 'servers') return '/';
	if (to === 'status') return '/status';
	return guild ? link(`/g/${guild}${guildPages[to]}`) : null;
}

function typing(event: KeyboardEvent): boolean {
	const element = event.target;
	return element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));
}

export function globalKeys(): (event: KeyboardEvent) => void {
	let jumpUntil = 0;
	return (event) => {
		if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
			event.preventDefault();
			if (panels.palette) panels.palette = false;
			else openPalette();
			return;
		}
		if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event)) return;
		if (document.querySelector('dialog[open]')) return;
		const key = event.key.toLowerCase();
		if (jumpUntil > event.timeStamp) {
			jumpUntil = 0;
			const to = target(jumps[key as keyof typeof jumps], page.params.guild);
			if (key in jumps && to) void goto(to);
			return;
		}
		if (key === 'g') jumpUntil = event.timeStamp + jumpMs;
		else if (event.key === '?') openHelp();
		else if (key === 'd') useTheme(shownTheme() === 'dark' ? 'light' : 'dark');
		else if (key === 'z') show({ range: null, from: null, to: null });
		else if (event.key === '/') {
			event.preventDefault();
			const field = document.querySelector<HTMLElement>('main [type="search"]');
			if (field) field.focus();
			else openPalette();
		}
	};
}
