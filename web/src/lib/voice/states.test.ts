import { describe, expect, it } from 'vitest';
import type { VoiceSegment, VoiceState } from '../api/index.ts';
import { leading, shares, stretches } from './states.ts';

const segment = (ms: number, ...held: VoiceState[]): VoiceSegment => ({ duration_ms: ms, states: held });

describe('the bar of a session', () => {
	it('takes the colour of the state that says most', () => {
		expect(leading(segment(1, 'muted', 'alone'))).toBe('alone');
		expect(leading(segment(1, 'alone', 'deafened', 'afk'))).toBe('afk');
		expect(leading(segment(1))).toBeNull();
	});

	it('joins neighbours of one colour, and keeps the whole length', () => {
		const drawn = stretches([segment(10), segment(5, 'alone'), segment(5, 'alone', 'muted'), segment(20)]);
		expect(drawn).toEqual([{ state: null, ms: 10 }, { state: 'alone', ms: 10 }, { state: null, ms: 20 }]);
		expect(stretches([])).toEqual([]);
	});
});

it('shares are told of what occurs, the largest first', () => {
	const minutes = { total: 200, active: 120, muted: 50, deafened: 0, streaming: 0, video: 10, suppressed: 0, alone: 80, afk: 0 };
	expect(shares(minutes)).toEqual([
		{ state: 'alone', share: 0.4, minutes: 80 },
		{ state: 'muted', share: 0.25, minutes: 50 },
		{ state: 'video', share: 0.05, minutes: 10 }
	]);
	expect(shares({ ...minutes, total: 0 })).toEqual([]);
});
