// What somebody in voice does, for the eye: one colour at a time, and which states say most.
import type { VoiceMinutes, VoiceSegment, VoiceState } from '../api/index.ts';

/** The states, the one that says most first: a segment in several is drawn in the colour of the first. */
export const states = ['afk', 'deafened', 'alone', 'suppressed', 'streaming', 'video', 'muted'] as const satisfies readonly VoiceState[];

/** Class with the colour of a state; `tone-active-voice` is being there without any. */
export const stateTone: Record<VoiceState, string> = {
	afk: 'state-afk',
	deafened: 'state-deafened',
	alone: 'state-alone',
	suppressed: 'state-suppressed',
	streaming: 'state-streaming',
	video: 'state-video',
	muted: 'state-muted'
};

export function leading(segment: VoiceSegment): VoiceState | null {
	return states.find((state) => segment.states.includes(state)) ?? null;
}

export interface Stretch {
	state: VoiceState | null;
	/** Milliseconds. */
	ms: number;
}

/** Neighbouring segments of the same colour as one: a bar of a few millimetres has no room for more. */
export function stretches(segments: readonly VoiceSegment[]): Stretch[] {
	const found: Stretch[] = [];
	for (const segment of segments) {
		const state = leading(segment);
		const last = found.at(-1);
		if (last && last.state === state) last.ms += segment.duration_ms;
		else found.push({ state, ms: segment.duration_ms });
	}
	return found;
}

/** Share of voice time in each state that occurs, the largest first. States overlap, so shares do not add up. */
export function shares(minutes: VoiceMinutes): { state: VoiceState; share: number; minutes: number }[] {
	if (minutes.total <= 0) return [];
	return states
		.map((state) => ({ state, share: minutes[state] / minutes.total, minutes: minutes[state] }))
		.filter((part) => part.minutes > 0)
		.sort((a, b) => b.minutes - a.minutes);
}
