// A problem document in the viewer's words.
import type { Problem } from '#lib/api/index.ts';
import type { Dictionary } from '#lib/i18n/en.ts';

export interface Said {
	title: string;
	help: string;
	remedy: 'retry' | 'reset' | 'home';
}

/** Cause and remedy of a failed question; `null` is a server that could not be reached. */
export function explain(problem: Problem | null, t: Dictionary): Said {
	if (!problem) return { title: t.error.title, help: t.error.network, remedy: 'retry' };
	switch (problem.type) {
		case '/problems/unknown-guild':
			return { title: t.error.noGuild, help: t.error.noGuildHelp, remedy: 'home' };
		case '/problems/unknown-member':
			return { title: t.error.noMember, help: t.error.noMemberHelp, remedy: 'home' };
		case '/problems/unknown-channel':
			return { title: t.error.noChannel, help: t.error.noChannelHelp, remedy: 'home' };
	}
	if (problem.status === 422 && problem.parameter) {
		return { title: t.error.title, help: t.error.badParameter(problem.parameter), remedy: 'reset' };
	}
	return { title: t.error.title, help: `${t.error.server} ${problem.detail}`, remedy: 'retry' };
}
