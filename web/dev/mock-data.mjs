// Development only: made-up servers whose figures follow from a seed, in the shapes of the API.
const hourS = 3600;
const now = () => Math.floor(Date.now() / 1000);
let live = 0;

function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
		return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
	};
}
const noise = (...parts) => random(parts.reduce((sum, part) => Math.imul(sum ^ part, 0x01000193) >>> 0, 0x811c9dc5))();

const first = ['Lena', 'Milo', 'Anaïs', 'Kenji', 'Sofia', 'Tomás', 'Priya', 'Jonas', 'Zoé', 'Ibrahim', 'Mei', 'Oskar', 'Nadia', 'Felix', 'Aiko', 'Hugo', 'Yara', 'Elif', 'Marco', 'Ines'];
const last = ['vdm', 'the 3rd', '🌿', 'Okafor', 'Lindqvist', 'does dev', 'Marchetti', '|| afk', 'Delacroix', '404', 'Nakamura', 'plays', 'Haddad', 'B.', ''];
const handles = ['moss', 'pixel', 'quark', 'ember', 'lumen', 'drift', 'cobalt', 'fable', 'onyx', 'tundra', 'vesper', 'harbor'];

const specs = [
	{ name: 'Nordlys Collective', members: 48_213, rows: 11_840, perDay: 5_200, icon: true },
	{ name: 'Rust en Français', members: 6_420, rows: 1_930, perDay: 940, icon: true },
	{ name: 'Tiny Tabletop', members: 312, rows: 120, perDay: 74, icon: false },
	{ name: 'Cartographers of the Inner Sea and Other Places', members: 2_150, rows: 640, perDay: 260, icon: true },
	{ name: 'Family', members: 10, rows: 8, perDay: 0.2, icon: false }
];
const channelSpecs = [
	['Start here', [['announcements', 'announcement'], ['rules', 'text'], ['introductions', 'text']]],
	['Community', [['general', 'text'], ['off-topic', 'text'], ['memes', 'text'], ['music', 'text'], ['Lounge', 'voice']]],
	['Making things', [['show-and-tell', 'media'], ['help', 'forum'], ['code-review', 'text'], ['design', 'text']]],
	['Staff', [['mod-talk', 'text'], ['bot-log', 'text']]]
];

export const guilds = specs.map((spec, g) => {
	const id = String(1100000000000000000n + BigInt(g) * 7919n);
	let n = 0;
	const channels = [];
	channelSpecs.forEach(([category, list], c) => {
		const parent = `${id.slice(0, 12)}${1000 + c}`;
		channels.push({ id: parent, name: category, kind: 'category', parent_id: null, parent_name: null, deleted: false, position: c });
		list.forEach(([name, kind], i) =>
			channels.push({ id: `${id.slice(0, 12)}${2000 + n++}`, name, kind, parent_id: parent, parent_name: category, deleted: false, position: i })
		);
	});
	channels.push({ id: `${id.slice(0, 12)}3000`, name: 'Migrating the wiki', kind: 'thread', parent_id: channels[4 + 1]?.id, parent_name: 'general', deleted: false, position: 0 });
	const order = ['general', 'help', 'memes', 'off-topic', 'show-and-tell', 'code-review', 'music', 'design', 'mod-talk', 'introductions', 'Lounge', 'bot-log', 'rules', 'announcements'];
	const written = order.map((name, i) => ({ channel: channels.find((c) => c.name === name), weight: 1 / (i + 1.3) ** 1.1 }));
	const sum = written.reduce((s, c) => s + c.weight, 0);
	for (const c of written) c.weight /= sum;
	return { id, g, ...spec, channels, written };
});

export const tick = () => (live += 1);

function member(guild, i) {
	const r = (k) => noise(guild.g, i, k);
	const bot = i % 41 === 40;
	return {
		id: String(200000000000000000n + BigInt(guild.g) * 1000003n + BigInt(i) * 17n),
		name: `${handles[Math.floor(r(1) * handles.length)]}${Math.floor(r(2) * 9000)}`,
		display_name: r(3) < 0.12 ? null : `${first[Math.floor(r(4) * first.length)]} ${last[Math.floor(r(5) * last.length)]}`.trim(),
		avatar_url: r(6) < 0.7 ? `/media/avatars/${i}/${'ab12'.repeat(8)}.png` : null,
		kind: bot ? 'bot' : 'human'
	};
}

const rhythm = [0.32, 0.2, 0.12, 0.07, 0.06, 0.08, 0.16, 0.32, 0.5, 0.62, 0.7, 0.78, 0.9, 0.86, 0.8, 0.84, 0.95, 1.15, 1.4, 1.65, 1.8, 1.7, 1.25, 0.7];
const weekly = [0.92, 0.9, 0.95, 0.98, 1.1, 1.25, 1.22];

/** Messages of one hour of one server. */
function messages(guild, hour) {
	const at = new Date(hour * hourS * 1000);
	const day = (at.getUTCDay() + 6) % 7;
	const days = (now() / hourS - hour) / 24;
	if (days > 130) return null;
	const growth = Math.exp(-days / 160);
	const burst = noise(guild.g, Math.floor(hour / 7), 9) > 0.985 ? 2.4 : 1;
	return Math.round((guild.perDay / 17.2) * rhythm[at.getUTCHours()] * weekly[day] * growth * burst * (0.72 + noise(guild.g, hour, 3) * 0.6));
}
const factor = { messages: 1, reactions: 0.46, commands: 0.05, active_members: 0.16 };
const audienceFactor = { humans: 1, bots: 0.12, all: 1.12 };

function hourly(guild, hour, metric, audience, share = 1) {
	const base = messages(guild, hour);
	if (base === null) return null;
	const wobble = metric === 'messages' ? 1 : 0.7 + noise(guild.g, hour, metric.length) * 0.6;
	const extra = hour === Math.floor(now() / hourS) && metric === 'messages' ? live * 3 : 0;
	return Math.round((base + extra) * factor[metric] * audienceFactor[audience] * share * wobble);
}

const spans = { '24h': 1, '7d': 7, '30d': 30, '90d': 90, all: 130 };

function read(query) {
	const tz = query.get('tz') ?? 'UTC';
	let to = Math.ceil(now() / hourS) * hourS;
	let from;
	const label = query.get('range') ?? '7d';
	if (query.get('from')) {
		from = Date.parse(query.get('from')) / 1000;
		to = Math.min(to, Date.parse(query.get('to')) / 1000);
	} else if (label === '24h') from = to - 24 * hourS;
	else {
		const midnight = to - (to % 86400);
		const ago = { today: 0, week: (new Date(midnight * 1000).getUTCDay() + 6) % 7, month: new Date(midnight * 1000).getUTCDate() - 1 };
		from = midnight - (label in ago ? ago[label] : (spans[label] ?? 7) - 1) * 86400;
	}
	const iso = (at) => new Date(at * 1000).toISOString().replace('.000', '');
	const compare = query.get('compare') ?? 'previous';
	const length = to - from;
	const shift = compare === 'none' ? null : compare === 'previous_year' ? 365 * 86400 : length;
	return { tz, from, to, shift, audience: query.get('audience') ?? 'humans', channel: query.get('channel'), compare,
		period: { from: iso(from), to: iso(to), tz, ...(query.get('from') ? {} : { label }) },
		previous: shift ? { from: iso(from - shift), to: iso(to - shift), tz } : null };
}

function stepFor(view, wanted) {
	if (wanted && wanted !== 'auto') return wanted;
	const days = (view.to - view.from) / 86400;
	return days <= 8 ? 'hour' : days <= 95 ? 'day' : 'week';
}
const widths = { minute: 60, hour: hourS, day: 86400, week: 7 * 86400, month: 30 * 86400 };

function buckets(guild, view, metric, step, share = 1, shift = 0) {
	const width = widths[step];
	const t = [];
	const values = [];
	for (let at = Math.floor((view.from + (step === 'week' ? 259200 : 0)) / width) * width - (step === 'week' ? 259200 : 0); at < view.to; at += width) {
		t.push(at);
		let sum = null;
		if (width < hourS) sum = Math.round(((hourly(guild, Math.floor((at - shift) / hourS), metric, view.audience, share) ?? 0) / 60) * (0.3 + noise(at, 5) * 1.4));
		else
			for (let h = at / hourS; h < (at + width) / hourS && h * hourS < view.to; h += 1) {
				const value = hourly(guild, h - shift / hourS, metric, view.audience, share);
				if (value !== null) sum = (sum ?? 0) + value;
			}
		if (metric === 'active_members' && sum !== null) sum = Math.min(guild.rows, Math.round(sum ** 0.82));
		values.push(sum);
	}
	return { t, values };
}
const total = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);

function shareOf(guild, view) {
	return view.channel ? (guild.written.find((c) => c.channel.id === view.channel)?.weight ?? 0) : 1;
}

function card(guild, view, metric) {
	const share = shareOf(guild, view);
	const step = view.to - view.from <= 2 * 86400 ? 'hour' : 'day';
	const { t, values } = buckets(guild, view, metric, step, share);
	const before = view.shift ? buckets(guild, view, metric, step, share, view.shift).values : null;
	const count = (list) => (metric === 'active_members' ? Math.min(guild.rows, Math.round(total(list) * 0.21)) : total(list));
	const previous = before && before.every((v) => v !== null) ? count(before) : null;
	const value = count(values);
	return { value, previous, delta: previous ? value / previous - 1 : null, sparkline: { t, v: values } };
}

function topMembers(guild, whole, count, from = 0, salt = 0) {
	const rows = [];
	for (let i = from; i < Math.min(guild.rows, from + count); i += 1) {
		const share = (0.062 / (i + 1) ** 0.83) * (1 - salt * 0.1);
		rows.push({ rank: i + 1, member: member(guild, i), value: Math.max(1, Math.round(whole * share)), share });
	}
	return rows;
}

function ofChannel(c) {
	const { position, ...ref } = c;
	void position;
	return ref;
}

function overview(guild, view) {
	const cards = Object.fromEntries(['messages', 'commands', 'reactions', 'active_members'].map((m) => [m, card(guild, view, m)]));
	const whole = cards.messages.value;
	const emoji = ['👍', '❤️', '😂', '🔥', '🎉', '👀', 'ferris', '🙏', '😭', '✅'];
	return {
		period: view.period, previous: view.previous, cards: { ...cards, members: { value: guild.members } },
		top_channels: guild.written.filter((c) => !view.channel || c.channel.id === view.channel).slice(0, 10).map((c) => ({ channel: ofChannel(c.channel), value: Math.round(whole * (view.channel ? 1 : c.weight)), share: view.channel ? 1 : c.weight, previous: view.shift ? Math.round(whole * c.weight * (0.7 + noise(c.weight * 1e6, 2) * 0.6)) : null })),
		top_members: topMembers(guild, whole, 10).map((row, i) => ({ ...row, previous: i === 6 ? 0 : view.shift ? Math.round(row.value * (0.6 + noise(i, guild.g) * 0.8)) : null })),
		top_emojis: whole ? emoji.map((e, i) => ({ emoji: e === 'ferris' ? ':ferris:' : e, emoji_id: e === 'ferris' ? '995550001112223334' : null, name: e === 'ferris' ? 'ferris' : null, value: Math.round(cards.reactions.value * 0.24 / (i + 1)) })) : [],
		coverage: { ratio: 1, blind: [] }
	};
}

function series(guild, view, query) {
	const metric = query.get('metric') ?? 'messages';
	const split = query.get('split') ?? 'none';
	const step = stepFor(view, query.get('step'));
	const share = shareOf(guild, view);
	const whole = buckets(guild, view, metric, step, share);
	let lines = [{ key: 'all', label: 'All', values: whole.values, total: total(whole.values) }];
	const parts = {
		channel: () => guild.written.map((c) => [c.channel.id, c.channel.name, c.weight, { channel: ofChannel(c.channel) }]),
		category: () => guild.channels.filter((c) => c.kind === 'category').map((c, i) => [c.id, c.name, 0.46 / (i + 1), { channel: ofChannel(c) }]),
		member: () => topMembers(guild, 1000, 8).map((row) => [row.member.id, row.member.name, row.share, { member: row.member }]),
		kind: () => [['human', 'human', 0.88], ['bot', 'bot', 0.09], ['webhook', 'webhook', 0.03]],
		emoji: () => ['👍', '❤️', '😂', '🔥', '🎉', '👀', '🙏'].map((e, i) => [e, e, 0.24 / (i + 1)])
	}[split]?.();
	if (parts) {
		lines = parts.slice(0, 6).map(([key, label, weight, extra], i) => {
			const values = whole.values.map((v, k) => (v === null ? null : Math.round(v * weight * (0.6 + noise(i, k, guild.g) * 0.8))));
			return { key, label, ...extra, values, total: total(values) };
		});
		if (parts.length > 6 || split === 'member' || split === 'emoji') {
			const values = whole.values.map((v, k) => (v === null ? null : Math.max(0, v - lines.reduce((s, line) => s + (line.values[k] ?? 0), 0))));
			lines.push({ key: 'other', label: 'other', values, total: total(values) });
		}
	}
	const before = view.shift ? buckets(guild, view, metric, step, share, view.shift).values : null;
	return {
		period: view.period, metric, step, split, t: whole.t, partial_last: view.to > now() - 60, series: lines,
		compare: before && split === 'none' ? { from: view.previous.from, to: view.previous.to, values: before, total: total(before) } : null,
		coverage: { ratio: 1, blind: [] }, note: null
	};
}

function heat(guild, view, metric, share = 1) {
	const cells = Array.from({ length: 7 }, () => Array(24).fill(0));
	const hours = Array.from({ length: 7 }, () => Array(24).fill(0));
	for (let h = Math.floor(view.from / hourS); h * hourS < view.to; h += 1) {
		const at = new Date(h * hourS * 1000);
		const day = (at.getUTCDay() + 6) % 7;
		cells[day][at.getUTCHours()] += hourly(guild, h, metric, view.audience, share) ?? 0;
		hours[day][at.getUTCHours()] += 1;
	}
	return { cells, hours, max: Math.max(...cells.flat()) };
}

function leaderboard(guild, view, board, query) {
	const limit = Math.min(500, Number(query.get('limit') ?? 50));
	const start = Number(query.get('cursor') ?? 0);
	const search = (query.get('search') ?? '').toLowerCase();
	const whole = card(guild, { ...view, shift: null }, board === 'reactions' ? 'reactions' : 'messages').value * (board === 'activity' ? 1.1 : 1);
	let rows = topMembers(guild, whole, guild.rows).map((row, i) => ({
		...row,
		value: board === 'activity' ? Math.round(row.value * 10) / 10 + 0.2 : row.value,
		previous_rank: !view.shift || noise(i, 77) < 0.06 ? null : Math.max(1, Math.round(row.rank + (noise(i, 78) - 0.5) * Math.min(12, row.rank * 0.9))),
		messages: row.value, reactions: Math.round(row.value * 0.46), commands: Math.round(row.value * 0.05)
	}));
	if (search) rows = rows.filter((row) => `${row.member.name} ${row.member.display_name ?? ''}`.toLowerCase().includes(search));
	const next = start + limit;
	return {
		period: view.period, board, rows: rows.slice(start, next), total_rows: rows.length, total_value: whole,
		next_cursor: next < rows.length ? String(next) : null, ...(board === 'activity' ? { weights: { message: 1, reaction: 0.2 } } : {})
	};
}

function memberPage(guild, view, id) {
	const i = Number((BigInt(id) - 200000000000000000n - BigInt(guild.g) * 1000003n) / 17n);
	if (i < 0 || i >= guild.rows) return null;
	const share = 0.062 / (i + 1) ** 0.83;
	const step = stepFor(view, 'auto');
	const { t, values } = buckets(guild, view, 'messages', step, share);
	const sum = total(values);
	const figures = (n) => ({ messages: n, commands: Math.round(n * 0.05), reactions_given: Math.round(n * 0.4), reactions_received: Math.round(n * 0.7) });
	return {
		member: member(guild, i), first_seen: new Date((now() - 86400 * 118) * 1000).toISOString(), last_seen: new Date((now() - 400) * 1000).toISOString(),
		rank: sum ? i + 1 : null, totals: { ...figures(sum), active_days: Math.min(26, sum) }, all_time: figures(Math.round(sum * 3.4)),
		series: { t, values, step, partial_last: true },
		channels: guild.written.slice(0, 7).map((c) => ({ channel: ofChannel(c.channel), value: Math.round(sum * c.weight), share: c.weight })),
		heatmap: heat(guild, view, 'messages', share), period: view.period, coverage: { ratio: 1, blind: [] }
	};
}

function channelPage(guild, view, id) {
	const channel = guild.channels.find((c) => c.id === id);
	if (!channel) return null;
	const share = channel.kind === 'category' ? 0.3 : (guild.written.find((c) => c.channel.id === id)?.weight ?? 0);
	const step = stepFor(view, 'auto');
	const now_ = buckets(guild, view, 'messages', step, share);
	const before = view.shift ? buckets(guild, view, 'messages', step, share, view.shift).values : null;
	const figures = (n) => ({ messages: n, commands: Math.round(n * 0.04), reactions: Math.round(n * 0.46), active_members: Math.round(n ** 0.7) });
	const sum = total(now_.values);
	return {
		channel: ofChannel(channel), totals: figures(sum), previous: before ? figures(total(before)) : null, share_of_guild: share,
		last_activity_at: sum ? new Date((now() - 900) * 1000).toISOString() : null, series: { ...now_, step, partial_last: true },
		compare: before ? { from: view.previous.from, to: view.previous.to, values: before, total: total(before) } : null,
		members: sum ? topMembers(guild, sum, 10) : [],
		threads: channel.name === 'general' ? guild.channels.filter((c) => c.kind === 'thread').map((c) => ({ channel: ofChannel(c), value: Math.round(sum * 0.1) })) : [],
		heatmap: heat(guild, view, 'messages', share), period: view.period, coverage: { ratio: 1, blind: [] }
	};
}

const guildJson = (guild) => {
	const week = read(new URLSearchParams('range=7d'));
	const { t, values } = buckets(guild, { ...week, audience: 'humans' }, 'messages', 'day');
	return {
		id: guild.id, name: guild.name, icon_url: guild.icon ? `/media/icons/${guild.id}/${'cd34'.repeat(8)}.png` : null, member_count: guild.members, is_active: true,
		bot_added_at: new Date((now() - 86400 * 130) * 1000).toISOString(), time_zone: 'Europe/Paris', messages_7d: total(values), sparkline: { t, v: values },
		last_activity_at: new Date((now() - 300) * 1000).toISOString(), health: guild.perDay > 100 ? 'live' : guild.perDay > 1 ? 'quiet' : 'stale'
	};
};

function problem(status, type, detail, parameter) {
	return [status, { type: `/problems/${type}`, title: type, status, detail, ...(parameter ? { parameter } : {}) }];
}

const started = now();

function status() {
	const iso = (at) => new Date(at * 1000).toISOString();
	return {
		version: '0.1.0', started_at: iso(started), now: iso(now()), store: { engine: 'sqlite', ok: true },
		shards: [0, 1].map((id) => ({ id, state: 'connected', guilds: 3, latency_ms: 41 + id, events: 18_234 + live * 7, last_event_at: iso(now() - 1) })),
		outbox: { pending_entries: 3, pending_bytes: 1200, oldest_at: iso(now() - 2) }, ingest: { records: 4_821 + live, repeats: 0, set_aside: 0, last_commit_at: iso(now() - 3) },
		events: { counted: 33_410 + live * 6, set_aside: { not_activity: 2_310, system_message: 41, unreadable: 0 } }, demo: true
	};
}

/** Status and body for a route under /api/v1. */
export function answer(path, query) {
	if (path === '/guilds') return [200, { guilds: guilds.map(guildJson) }];
	if (path === '/status') return [200, status()];
	const [, , id, ...rest] = path.split('/');
	const guild = guilds.find((candidate) => candidate.id === id);
	if (!guild) return problem(404, 'unknown-guild', 'no server with this id is known here');
	try {
		new Intl.DateTimeFormat('en', { timeZone: query.get('tz') ?? 'UTC' });
	} catch {
		return problem(422, 'bad-parameter', 'no such time zone', 'tz');
	}
	const view = read(query);
	const route = rest.join('/');
	if (route === '') return [200, guildJson(guild)];
	if (route === 'channels') return [200, { channels: guild.channels }];
	if (route === 'stats/overview') return [200, overview(guild, view)];
	if (route === 'stats/series') return [200, series(guild, view, query)];
	if (route === 'stats/heatmap') {
		const metric = query.get('metric') ?? 'messages';
		return [200, { period: view.period, metric, ...heat(guild, view, metric, shareOf(guild, view)), coverage: { ratio: 1, blind: [] }, note: null }];
	}
	if (rest[0] === 'leaderboards') return [200, leaderboard(guild, view, rest[1], query)];
	const page = rest[0] === 'members' ? memberPage(guild, view, rest[1]) : rest[0] === 'channels' ? channelPage(guild, view, rest[1]) : undefined;
	if (page) return [200, page];
	return page === null ? problem(404, rest[0] === 'members' ? 'unknown-member' : 'unknown-channel', 'unknown') : problem(404, 'unknown-route', 'unknown');
}
