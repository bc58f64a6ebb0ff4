// A list that comes in pages: the first at once, the next when the reader asks.

interface Page<Row> {
	rows: Row[];
	next_cursor: string | null;
}

/** Fetches the page after `cursor`; null is the first. Rejects, or throws, with the problem. */
export type Fetch<Row, P extends Page<Row>> = (cursor: string | null, signal: AbortSignal) => Promise<P>;

export class Pages<Row, P extends Page<Row>> {
	rows = $state.raw<Row[]>([]);
	/** The first page, with what it says about the whole. */
	head = $state.raw<P | null>(null);
	error = $state.raw<unknown>(null);
	busy = $state(false);
	/** The rows shown belong to the former question. */
	former = $state(false);
	/** Cursor of the next page; null when there is none. */
	next = $state<string | null>(null);
	#fetch: Fetch<Row, P> | null = null;
	#asking: AbortController | null = null;
	#pages = 0;

	/** Starts over with another question; the former rows stay until its first answer, unless it is about something else. */
	ask(fetch: Fetch<Row, P>, keep = true): void {
		this.#fetch = fetch;
		this.former = true;
		if (!keep) {
			this.rows = [];
			this.head = null;
		}
		void this.#first();
	}

	/** Asks again after new data was counted; not under a reader who has gone further, whose rows would jump. */
	refresh(): void {
		if (this.#pages <= 1 && !this.busy) void this.#first();
	}

	retry(): void {
		void (this.head ? this.more() : this.#first());
	}

	async more(): Promise<void> {
		if (this.next === null || this.busy) return;
		const page = await this.#ask(this.next);
		if (!page) return;
		this.rows = this.rows.concat(page.rows);
		this.next = page.next_cursor;
		this.#pages += 1;
	}

	close(): void {
		this.#asking?.abort();
	}

	async #first(): Promise<void> {
		this.#asking?.abort();
		const page = await this.#ask(null);
		if (!page) return;
		this.head = page;
		this.rows = page.rows;
		this.next = page.next_cursor;
		this.former = false;
		this.#pages = 1;
	}

	/** One request; null when it failed or was overtaken. */
	async #ask(cursor: string | null): Promise<P | null> {
		const asking = (this.#asking = new AbortController());
		this.busy = true;
		this.error = null;
		try {
			const page = await this.#fetch?.(cursor, asking.signal);
			return page && this.#asking === asking ? page : null;
		} catch (cause) {
			if (this.#asking === asking) this.error = cause;
			return null;
		} finally {
			if (this.#asking === asking) this.busy = false;
		}
	}
}
