// The picture a page shows, as it stands in the address: reading it and writing it. No browser here.

export const ranges = ['24h', '7d', '30d', '90d', 'all', 'today', 'week', 'month'] as const;
export type Range = (typeof ranges)[number];
export const audiences = ['humans', 'bots', 'all'] as const;
export type Audience = (typeof audiences)[number];
export const comparisons = ['previous', 'previous_year', 'none'] as const;
export type Comparison = (typeof comparisons)[number];
export const metrics = ['messages', 'voice_minutes', 'active_voice_minutes', 'reactions', 'active_members', 'commands', 'joins', 'departures', 'members'] as const;
export type Metric = (typeof metrics)[number];
export const steps = ['auto', 'minute', 'hour', 'day', 'week', 'month'] as const;
export type StepChoice = (typeof steps)[number];
export const splits = ['none', 'channel', 'category', 'member', 'kind', 'emoji', 'state'] as const;
export type Split = (typeof splits)[number];

/** Whether a metric counts who belongs to the server: it knows neither channels nor parts. */
export function ofMembers(metric: Metric): boolean {
	return metric === 'members' || metric === 'joins' || metric === 'departures';
}

/** What a metric can be divided by: emojis are given with reactions only, states are held in voice only. */
export function splitsOf(metric: Metric): Split[] {
	if (ofMembers(metric)) return ['none'];
	const voice = metric === 'voice_minutes' || metric === 'active_voice_minutes';
	return splits.filter((split) => (split !== 'emoji' || metric === 'reactions') && (split !== 'state' || voice));
}

/** What reading an address needs; the page's own is read-only. */
export type Query = Pick<URLSearchParams, 'get' | 'toString'>;

export interface View {
	/** A named range, or null when `from` and `to` say it. */
	range: Range | null;
	from: string | null;
	to: string | null;
	tz: string;
	audience: Audience;
	channel: string | null;
	compare: Comparison;
	metric: Metric;
	step: StepChoice;
	split: Split;
}

export const defaultRange: Range = '30d';

function oneOf<T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T {
	return allowed.includes(value as T) ? (value as T) : otherwise;
}

/** Reads a view from an address; what is missing or misspelt takes its default. */
export function readView(query: Query, zone: string): View {
	const from = query.get('from');
	const to = query.get('to');
	const custom = from !== null && from !== '' && to !== null && to !== '';
	const channel = query.get('channel');
	return {
		range: custom ? null : oneOf(query.get('range'), ranges, defaultRange),
		from: custom ? from : null,
		to: custom ? to : null,
		tz: query.get('tz') || zone,
		audience: oneOf(query.get('audience'), audiences, 'humans'),
		channel: channel !== null && /^\d+$/.test(channel) ? channel : null,
		compare: oneOf(query.get('compare'), comparisons, 'previous'),
		metric: oneOf(query.get('metric'), metrics, 'messages'),
		step: oneOf(query.get('step'), steps, 'auto'),
		split: oneOf(query.get('split'), splits, 'none')
	};
}

/** What an address says when a part of the view changes: defaults are left out, unknown keys kept. */
export function changed(query: Query, change: Record<string, string | null>): URLSearchParams {
	const next = new URLSearchParams(query.toString());
	for (const [key, value] of Object.entries(change)) {
		if (value === null || value === defaults[key]) next.delete(key);
		else next.set(key, value);
		if (key === 'range' && value !== null) {
			next.delete('from');
			next.delete('to');
		}
		if (key === 'from' && value !== null) next.delete('range');
	}
	return next;
}

const defaults: Record<string, string> = {
	range: defaultRange,
	audience: 'humans',
	compare: 'previous',
	metric: 'messages',
	step: 'auto',
	split: 'none'
};

/** The part of an address that goes with the viewer from page to page. */
export function shared(query: Query): URLSearchParams {
	const next = new URLSearchParams();
	for (const key of ['range', 'from', 'to', 'tz', 'audience', 'channel', 'compare']) {
		const value = query.get(key);
		if (value) next.set(key, value);
	}
	return next;
}

export interface StatsQuery {
	range?: Range;
	from?: string;
	to?: string;
	tz: string;
	audience: Audience;
	channel?: string;
	compare: Comparison;
}

/** The parameters every statistics route takes, in the order the boot script of app.html writes them. */
export function statsQuery(view: View): StatsQuery {
	return {
		...(view.range ? { range: view.range } : { from: view.from ?? '', to: view.to ?? '' }),
		tz: view.tz,
		audience: view.audience,
		...(view.channel ? { channel: view.channel } : {}),
		compare: view.compare
	};
}

export type PeriodQuery = Pick<StatsQuery, 'range' | 'from' | 'to' | 'tz'>;

/** The period alone, for what does not depend on who counts, where, or against what. */
export function periodQuery(view: View): PeriodQuery {
	const { range, from, to, tz } = statsQuery(view);
	return { ...(range ? { range } : { from, to }), tz };
}

/** Seconds as an RFC 3339 instant without fractions, for `from` and `to`. */
export function instant(at: number): string {
	return new Date(Math.round(at) * 1000).toISOString().replace('.000Z', 'Z');
}
