// What the list of joins is narrowed down to, as it stands in the address. No browser here.
import type { AttributionMethod, Confidence } from '../api/index.ts';
import type { Query } from '../state/view.ts';

export const methods = ['uses_diff', 'single_use', 'vanity', 'ambiguous', 'unknown', 'bot_added'] as const satisfies readonly AttributionMethod[];
export const confidences = ['exact', 'likely', 'none'] as const satisfies readonly Confidence[];

export interface Source {
	method: AttributionMethod | null;
	confidence: Confidence | null;
	/** A member's id. */
	inviter: string | null;
	code: string | null;
}

/** Reads the source that an address asks for; what is misspelt is no filter. */
export function readSource(query: Query): Source {
	const inviter = query.get('inviter');
	const code = query.get('code');
	return {
		method: methods.find((known) => known === query.get('method')) ?? null,
		confidence: confidences.find((known) => known === query.get('confidence')) ?? null,
		inviter: inviter && /^\d+$/.test(inviter) ? inviter : null,
		code: code && /^[\w-]{1,100}$/.test(code) ? code : null
	};
}

/** The parameters of `invites/joins`; nothing for a filter that is not set. */
export function sourceQuery(source: Source): Record<string, string> {
	return Object.fromEntries(Object.entries(source).filter((pair): pair is [string, string] => pair[1] !== null));
}

export function isNarrowed(source: Source): boolean {
	return Object.values(source).some((value) => value !== null);
}
