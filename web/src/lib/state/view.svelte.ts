// The view of the current address, and the one way to change it: through the address.
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { keep, kept } from './kept.ts';
import { changed, readView, shared, type View } from './view.ts';
import { isZone } from '../format/time.ts';

/** The zone chosen earlier in this browser, else the browser's own. */
export function ownZone(): string {
	const chosen = kept('zone');
	return chosen && isZone(chosen) ? chosen : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const current = $derived(readView(page.url.searchParams, ownZone()));

/** What the address asks to see. */
export function view(): View {
	return current;
}

/** Changes part of the address. Every choice is a step that Back undoes, unless `replace`. */
export function show(change: Record<string, string | null>, replace = false): void {
	const query = changed(page.url.searchParams, change).toString();
	void goto(`${page.url.pathname}${query ? `?${query}` : ''}`, {
		replace,
		// The reader stays where they are: same scroll, same focus.
		reset: false
	});
}

/** Chooses a time zone: in the address for whoever gets the link, and remembered for next time. */
export function showZone(zone: string): void {
	keep('zone', zone);
	show({ tz: zone });
}

/** Names the time zone in the address, so that a copied address shows the same picture elsewhere. */
export function pinZone(): void {
	if (!page.url.searchParams.has('tz')) show({ tz: current.tz }, true);
}

/** A link to another page that keeps period, zone, audience and filters. */
export function link(path: string, change: Record<string, string | null> = {}): string {
	const query = changed(shared(page.url.searchParams), change).toString();
	return query ? `${path}?${query}` : path;
}
