// A leaderboard of any length, fetched page by page as far as the reader has scrolled.
import { leaderboard, type Board, type Leaderboard, type LeaderboardRow } from '#lib/api/index.ts';
import { statsQuery, type View } from '#lib/state/view.ts';

/** Rows of one request; the server's upper bound. A board of 10,000 needs 20 requests, each when it is reached. */
const pageRows = 500;
/** Rows of the first request: enough for any screen, quick to arrive. */
const firstRows = 100;

export interface LeadersQuestion {
	guild: string;
	board: Board;
	view: View;
	search: string;
}

export class Leaders {
	rows = $state.raw<LeaderboardRow[]>([]);
	head = $state.raw<Leaderboard | null>(null);
	error = $state.raw<unknown>(null);
	busy = $state(false);
	/** There is nothing after the last row. */
	ended = $state(false);
	/** Unix seconds of the last answer. */
	at = $state<number | null>(null);
	/** The rows shown belong to the former question. */
	former = $state(false);
	#question: LeadersQuestion | null = null;
	#cursor: string | null = null;
	#wanted = firstRows;
	#asking: AbortController | null = null;
	/** Pages are being fetched one after another; a second chain would fetch the same ones. */
	#chain = false;

	/** Starts over with another question; the rows of the former one stay until its first answer. */
	ask(question: LeadersQuestion): void {
		const sameBoard = this.#question?.guild === question.guild && this.#question.board === question.board;
		this.#question = question;
		this.former = true;
		this.#wanted = firstRows;
		if (!sameBoard) {
			this.head = null;
			this.rows = [];
		}
		this.#restart();
	}

	/** Asks again after new data was counted; not under a reader far down, whose rows would jump. */
	refresh(): void {
		if (this.#question && !this.busy && this.#wanted <= pageRows) this.#restart();
	}

	/** Asks again after a failure. */
	retry(): void {
		this.#restart();
	}

	/** Says that rows up to `index` are in view. */
	reach(index: number): void {
		this.#wanted = Math.max(this.#wanted, index + 1);
		if (!this.#chain && this.error === null) void this.#more();
	}

	close(): void {
		this.#asking?.abort();
	}

	#restart(): void {
		this.#asking?.abort();
		this.#asking = null;
		this.#chain = false;
		this.#cursor = null;
		this.error = null;
		void this.#first();
	}

	async #first(): Promise<void> {
		const wanted = Math.max(firstRows, Math.min(this.#wanted, pageRows));
		const answer = await this.#fetch(null, wanted);
		if (!answer) return;
		this.head = answer;
		this.rows = answer.rows;
		this.#cursor = answer.next_cursor;
		this.ended = answer.next_cursor === null;
		this.former = false;
		this.at = Math.floor(Date.now() / 1000);
		await this.#more();
	}

	async #more(): Promise<void> {
		this.#chain = true;
		while (this.#cursor !== null && this.rows.length < this.#wanted) {
			const answer = await this.#fetch(this.#cursor, pageRows);
			// Overtaken: whoever did that has a chain of its own.
			if (answer === undefined) return;
			if (answer === null) break;
			// Counts move while one reads: a member who fell back since would come twice.
			const known = new Set(this.rows.map((row) => row.member.id));
			this.rows = this.rows.concat(answer.rows.filter((row) => !known.has(row.member.id)));
			this.#cursor = answer.next_cursor;
			this.ended = answer.next_cursor === null;
		}
		this.#chain = false;
	}

	/** One request; null when it failed, undefined when it was overtaken by another question. */
	async #fetch(cursor: string | null, limit: number): Promise<Leaderboard | null | undefined> {
		const question = this.#question;
		if (!question) return null;
		const asking = (this.#asking = new AbortController());
		this.busy = true;
		const { data, error } = await leaderboard({
			path: { guild_id: question.guild, board: question.board },
			query: {
				...statsQuery(question.view),
				limit,
				...(cursor ? { cursor } : {}),
				...(question.search ? { search: question.search } : {})
			},
			signal: asking.signal
		}).catch((cause: unknown) => ({ data: undefined, error: cause }));
		if (asking.signal.aborted || this.#asking !== asking) return undefined;
		this.busy = false;
		if (data) return data;
		this.error = error ?? new TypeError('no answer');
		return null;
	}
}
