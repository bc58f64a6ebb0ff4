// Which rows of a long table are worth being in the page: those in view, and some around.

export interface Slice {
	from: number;
	/** First row after the slice. */
	to: number;
}

/** Rows kept beyond each edge, so that a quick scroll meets rows and not emptiness. */
const margin = 12;

/** The rows from `top` to `bottom` (pixels from the start of the first row), and a margin. */
export function slice(top: number, bottom: number, rowHeight: number, rows: number): Slice {
	const from = Math.max(0, Math.min(rows, Math.floor(top / rowHeight) - margin));
	const to = Math.max(from, Math.min(rows, Math.ceil(bottom / rowHeight) + margin));
	return { from, to };
}

/** Follows the scrolling of the page over `body`, whose rows all have the same height. */
export class Windowed {
	slice = $state.raw<Slice>({ from: 0, to: 30 });
	#rows = () => 0;
	#rowHeight: number;
	#body: HTMLElement | null = null;

	constructor(rowHeight: number, rows: () => number) {
		this.#rowHeight = rowHeight;
		this.#rows = rows;
	}

	/** Attach to the element that holds the rows. */
	attach = (body: HTMLElement) => {
		this.#body = body;
		let frame = 0;
		const later = () => {
			frame ||= requestAnimationFrame(() => {
				frame = 0;
				this.measure();
			});
		};
		addEventListener('scroll', later, { passive: true });
		addEventListener('resize', later);
		this.measure();
		return () => {
			this.#body = null;
			cancelAnimationFrame(frame);
			removeEventListener('scroll', later);
			removeEventListener('resize', later);
		};
	};

	measure(): void {
		if (!this.#body) return;
		const top = -this.#body.getBoundingClientRect().top;
		const next = slice(top, top + innerHeight, this.#rowHeight, this.#rows());
		if (next.from !== this.slice.from || next.to !== this.slice.to) this.slice = next;
	}
}
