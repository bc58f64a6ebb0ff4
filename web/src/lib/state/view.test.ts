import { describe, expect, it } from 'vitest';
import { changed, instant, readView, shared, statsQuery } from './view.ts';

const read = (query: string) => readView(new URLSearchParams(query), 'Europe/Paris');
const change = (query: string, to: Record<string, string | null>) => changed(new URLSearchParams(query), to).toString();

describe('reading an address', () => {
	it('takes defaults for what is missing or misspelt', () => {
		expect(read('')).toMatchObject({ range: '30d', tz: 'Europe/Paris', audience: 'humans', channel: null, compare: 'previous', metric: 'messages', split: 'none', step: 'auto' });
		expect(read('range=1000y&audience=cats&channel=abc&metric=sighs')).toMatchObject({ range: '30d', audience: 'humans', channel: null, metric: 'messages' });
	});

	it('takes dates over a named range, and only as a pair', () => {
		expect(read('from=2026-11-01&to=2026-11-08&range=7d')).toMatchObject({ range: null, from: '2026-11-01', to: '2026-11-08' });
		expect(read('from=2026-11-01&range=7d')).toMatchObject({ range: '7d', from: null, to: null });
	});
});

describe('writing an address', () => {
	it('leaves defaults out', () => {
		expect(change('range=7d&tz=UTC', { range: '30d' })).toBe('tz=UTC');
		expect(change('', { audience: 'bots' })).toBe('audience=bots');
		expect(change('channel=42', { channel: null })).toBe('');
	});

	it('lets a range replace dates and dates a range', () => {
		expect(change('from=2026-11-01&to=2026-11-08', { range: '7d' })).toBe('range=7d');
		expect(change('range=7d', { from: '2026-11-01', to: '2026-11-08' })).toBe('from=2026-11-01&to=2026-11-08');
	});

	it('keeps what belongs to other pages', () => {
		expect(change('board=reactions', { range: '7d' })).toBe('board=reactions&range=7d');
	});

	it('carries the question, not the page, along links', () => {
		expect(shared(new URLSearchParams('board=reactions&q=x&range=7d&tz=UTC&channel=5&metric=reactions')).toString()).toBe('range=7d&tz=UTC&channel=5');
	});
});

describe('asking the server', () => {
	it('writes parameters in the order of the boot script', () => {
		expect(Object.keys(statsQuery(read('channel=5')))).toEqual(['range', 'tz', 'audience', 'channel', 'compare']);
		expect(statsQuery(read('from=2026-11-01&to=2026-11-08'))).toEqual({ from: '2026-11-01', to: '2026-11-08', tz: 'Europe/Paris', audience: 'humans', compare: 'previous' });
	});

	it('writes instants without fractions', () => {
		expect(instant(1_793_966_400.4)).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
	});
});
