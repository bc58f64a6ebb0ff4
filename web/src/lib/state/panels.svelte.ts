// Which of the app's own dialogs is open. Each loads its code when it is first asked for.

import type { Definition } from '#lib/i18n/definitions.en.ts';

export type { Definition };

export const panels = $state({
	palette: false,
	help: false,
	more: false,
	/** The definition that the help opens at. */
	definition: null as Definition | null
});

export function openHelp(definition: Definition | null = null): void {
	panels.definition = definition;
	panels.help = true;
	panels.palette = false;
	panels.more = false;
}

export function openPalette(): void {
	panels.palette = true;
	panels.help = false;
	panels.more = false;
}
