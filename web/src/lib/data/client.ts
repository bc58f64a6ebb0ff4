// The generated client, set up for this page's own server, and the cache of answers.
import { QueryClient } from '@tanstack/svelte-query';
import { client } from '#lib/api/client.gen.ts';
import type { Problem } from '#lib/api/index.ts';

/** Sends a request, or hands over the one that the boot script already sent for the same address. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
	const url = input instanceof Request ? input.url : String(input);
	for (const [name, early] of Object.entries(window.vigieEarly ?? {})) {
		if (early.url !== url) continue;
		delete window.vigieEarly?.[name as keyof Window['vigieEarly']];
		try {
			return await early.answer;
		} catch {
			// The early request met a network error: ask again in the ordinary way.
		}
	}
	return fetch(input, init);
}

client.setConfig({ baseUrl: typeof location === 'undefined' ? '' : location.origin, fetch: send as typeof fetch });

/** The problem document of a failed request, or null when the server could not be reached. */
export function problem(error: unknown): Problem | null {
	const candidate = error as Partial<Problem> | null;
	return candidate && typeof candidate.status === 'number' ? (candidate as Problem) : null;
}

/** A request that the server understood and refused will be refused again. */
function retry(failures: number, error: unknown): boolean {
	const status = problem(error)?.status ?? 0;
	return failures < 2 && (status === 0 || status >= 500);
}

export const cache = new QueryClient({
	defaultOptions: {
		queries: { staleTime: 20_000, gcTime: 300_000, retry, retryDelay: (n) => 400 * 2 ** n, refetchOnWindowFocus: true }
	}
});
