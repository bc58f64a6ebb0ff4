// Types of the globals that `app.html` sets up before the app starts.
declare global {
	interface Window {
		/** Requests started by the boot script, by absolute URL; each is used once. */
		vigieEarly?: Map<string, Promise<Response>>;
	}
	namespace App {}
}

export {};
