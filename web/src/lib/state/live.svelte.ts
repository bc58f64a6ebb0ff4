// The live signal of one guild: says that there is something new, and the page asks again.

export type LiveState = 'connecting' | 'live' | 'stale';

/** Least time between two rounds of questions, however busy the guild is. */
const roundMs = 2_000;
/** Back-off after a lost connection: doubling from the first to the last. */
const retryFirstMs = 1_000;
const retryLastMs = 30_000;
/** A hidden tab gives its connection back after this long (a browser has six per host over HTTP/1.1). */
const hiddenMs = 60_000;

class Live {
	state = $state<LiveState>('connecting');
	/** Unix seconds of the last figures received, null before the first. */
	updated = $state<number | null>(null);
	/** How often the page was told to ask again. */
	rounds = $state(0);
	/** Unix seconds, ticking while something watches. */
	now = $state(Math.floor(Date.now() / 1000));
}

export const live = new Live();

/** Marks the figures on screen as fresh. */
export function fresh(): void {
	live.updated = Math.floor(Date.now() / 1000);
}

/** Follows the signal of `guild` until the returned function is called; `ask` fetches what is on screen. */
export function follow(guild: string, ask: () => Promise<unknown>): () => void {
	let source: EventSource | null = null;
	let retryMs = retryFirstMs;
	let retryTimer: ReturnType<typeof setTimeout> | undefined;
	let roundTimer: ReturnType<typeof setTimeout> | undefined;
	let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
	let lastRound = 0;
	let missed = false;

	const round = () => {
		roundTimer = undefined;
		if (document.hidden) {
			missed = true;
			return;
		}
		lastRound = Date.now();
		live.rounds += 1;
		void ask().then(fresh, () => undefined);
	};
	const changed = () => {
		roundTimer ??= setTimeout(round, Math.max(0, lastRound + roundMs - Date.now()));
	};
	const open = () => {
		source = new EventSource(`/api/v1/guilds/${guild}/live`);
		source.onopen = () => {
			// After an interruption, something may have been missed.
			if (live.state === 'stale') changed();
			live.state = 'live';
			retryMs = retryFirstMs;
		};
		source.addEventListener('changed', changed);
		source.onerror = () => {
			shut();
			live.state = 'stale';
			retryTimer = setTimeout(open, retryMs);
			retryMs = Math.min(retryMs * 2, retryLastMs);
		};
	};
	const shut = () => {
		source?.close();
		source = null;
		clearTimeout(retryTimer);
	};
	const visibility = () => {
		clearTimeout(hiddenTimer);
		if (document.hidden) hiddenTimer = setTimeout(shut, hiddenMs);
		else {
			if (!source) open();
			if (missed) changed();
			missed = false;
		}
	};

	live.state = 'connecting';
	open();
	document.addEventListener('visibilitychange', visibility);
	const clockTimer = setInterval(() => (live.now = Math.floor(Date.now() / 1000)), 1_000);
	return () => {
		shut();
		clearTimeout(roundTimer);
		clearTimeout(hiddenTimer);
		clearInterval(clockTimer);
		document.removeEventListener('visibilitychange', visibility);
	};
}
