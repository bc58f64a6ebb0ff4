// Types of the globals that `app.html` sets up before the app starts.
declare global {
	interface EarlyRequest {
		/** Absolute. */
		url: string;
		answer: Promise<Response>;
		/** The parsed answer, once it is there. */
		body?: unknown;
	}
	interface Window {
		/** Requests started by the boot script, by the name of the question; each is used once. */
		vigieEarly?: Partial<Record<'guilds' | 'overview' | 'series', EarlyRequest>>;
	}
	namespace App {}
}

export {};
