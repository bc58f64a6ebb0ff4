// A figure in the words of what it counts: a number, or a length of time.
import { duration } from './duration.ts';
import { num } from './number.ts';

/** Metrics that are measured in minutes. */
export function inMinutes(metric: string): boolean {
	return metric === 'voice_minutes' || metric === 'active_voice_minutes';
}

/** "1,234", or "20 h 34 min" when the value is minutes. */
export function figure(value: number, minutes = false): string {
	return minutes ? duration(value) : num(value);
}
