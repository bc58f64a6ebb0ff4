// What happened in a bucket of a chart, beside its figures.
import { bucketEnd } from './gaps.ts';
import type { Note, Picture } from './plot.ts';

export function notesIn(picture: Pick<Picture, 't' | 'notes'>, i: number): Note[] {
	const from = picture.t[i] ?? 0;
	const to = bucketEnd(picture.t, i);
	return (picture.notes ?? []).filter((note) => note.at >= from && note.at < to);
}
