// What the viewer chose, kept in this browser only. Works, forgetfully, where storage is refused.

export type Choice = 'theme' | 'language' | 'zone';

export function kept(choice: Choice): string | null {
	try {
		return localStorage.getItem(`vigie.${choice}`);
	} catch {
		return null;
	}
}

export function keep(choice: Choice, value: string | null): void {
	try {
		if (value === null) localStorage.removeItem(`vigie.${choice}`);
		else localStorage.setItem(`vigie.${choice}`, value);
	} catch {
		// Refused storage only means the choice is forgotten with the tab.
	}
}
