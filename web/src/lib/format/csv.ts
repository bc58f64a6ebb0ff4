// Comma-separated values that open correctly, and safely, in a spreadsheet.

export type Cell = string | number | null;

/** One field: quoted when it must be, and never read as a formula. */
export function field(cell: Cell): string {
	if (cell === null) return '';
	if (typeof cell === 'number') return String(cell);
	// Spreadsheets run a cell that starts with one of these; a leading apostrophe makes it text.
	const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A whole document, with a byte order mark so that accents survive. */
export function csv(rows: readonly (readonly Cell[])[]): string {
	return '\ufeff' + rows.map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	URL.revokeObjectURL(url);
}
