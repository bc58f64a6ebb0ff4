// The first sentence of the voice page.
import type { Voice } from '#lib/api/index.ts';
import { duration } from '#lib/format/duration.ts';
import { percent } from '#lib/format/number.ts';
import { pageWords, t } from '#lib/i18n/index.svelte.ts';
import type { Sentence } from '#lib/parts/answer.ts';
import { within } from '#lib/parts/period.ts';
import type { View } from '#lib/state/view.ts';

export function voiceAnswer(voice: Voice, view: View): Sentence {
	const words = pageWords('voice');
	const when = within(view, voice.period, t());
	const minutes = voice.voice_minutes.value;
	if (minutes === 0) return { answer: words.quiet(when) };
	const active = percent(voice.active_voice_minutes.value / minutes);
	return { answer: words.answer(duration(minutes), t().count.people(voice.members), when), extra: words.answerActive(active) };
}
