// What the specs share: where to go on the server under test, and how to watch a page.
import { expect, type APIRequestContext, type Page } from '@playwright/test';
import type { ChannelList, GuildList, Leaderboard, Voice } from '../src/lib/api/index.ts';

export interface Site {
	/** The busiest server. */
	guild: string;
	guildName: string;
	member: string;
	memberName: string;
	channel: string;
	channelName: string;
	/** The voice channel with most time, and who talks most. */
	voiceChannel: string;
	voiceChannelName: string;
	talker: string;
	talkerName: string;
}

/** Asks the server what there is to look at. */
export async function discover(request: APIRequestContext): Promise<Site> {
	const { guilds } = (await (await request.get('/api/v1/guilds')).json()) as GuildList;
	const guild = [...guilds].sort((a, b) => b.messages_7d - a.messages_7d)[0];
	if (!guild) throw new Error('the server under test knows no guild');
	const base = `/api/v1/guilds/${guild.id}`;
	const board = (await (await request.get(`${base}/leaderboards/messages?range=30d&limit=50`)).json()) as Leaderboard;
	const overview = await (await request.get(`${base}/stats/overview?range=30d`)).json();
	const { channels } = (await (await request.get(`${base}/channels`)).json()) as ChannelList;
	const channel = overview.top_channels[0]?.channel ?? channels.find((candidate) => candidate.kind === 'text');
	const member = board.rows[0]?.member;
	const voice = (await (await request.get(`${base}/stats/voice?range=30d`)).json()) as Voice;
	const talkers = (await (await request.get(`${base}/leaderboards/voice?range=30d&limit=1`)).json()) as Leaderboard;
	const voiceChannel = voice.channels[0]?.channel;
	const talker = talkers.rows[0]?.member;
	if (!voiceChannel || !talker) throw new Error('nobody was in voice in the busiest guild in the last 30 days');
	if (!member || !channel) throw new Error('the busiest guild has no activity in the last 30 days');
	return {
		guild: guild.id,
		guildName: guild.name,
		member: member.id,
		memberName: member.display_name ?? member.name,
		channel: channel.id,
		channelName: channel.name,
		voiceChannel: voiceChannel.id,
		voiceChannelName: voiceChannel.name ?? voiceChannel.id,
		talker: talker.id,
		talkerName: talker.display_name ?? talker.name
	};
}

export const sizes = {
	desktop: { width: 1440, height: 900 },
	phone: { width: 390, height: 844 },
	smallest: { width: 360, height: 740 }
} as const;

/** Collects what must not appear in the console; failed pictures of the outside world are not the page's fault. */
export function watchConsole(page: Page): string[] {
	const errors: string[] = [];
	page.on('console', (message) => {
		const picture = message.location().url.includes('/media/');
		if ((message.type() === 'error' || message.type() === 'warning') && !picture) errors.push(message.text());
	});
	page.on('pageerror', (error) => errors.push(String(error)));
	return errors;
}

/** Sums layout shifts from the first moment of each page. */
export async function watchShifts(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const shifts: { value: number; what: string }[] = [];
		Object.assign(window, { shifts });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] })[]) {
				if (entry.hadRecentInput) continue;
				const nodes = entry.sources.map(({ node }) => (node instanceof Element ? `${node.tagName}.${node.className}` : node?.textContent));
				shifts.push({ value: entry.value, what: nodes.join(' | ').slice(0, 300) });
			}
		}).observe({ type: 'layout-shift', buffered: true });
	});
}

export async function shifts(page: Page): Promise<{ value: number; what: string }[]> {
	return page.evaluate(() => (window as unknown as { shifts: { value: number; what: string }[] }).shifts);
}

/** Waits until the page has its answer: nothing is busy, no skeleton is left in the main part. */
export async function settled(page: Page): Promise<void> {
	await expect(page.locator('h1')).toBeVisible();
	await expect(page.locator('main .skeleton')).toHaveCount(0);
	await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
}

/** Pixels of the first chart that are not transparent, and of how many colours. */
export async function drawn(page: Page): Promise<{ pixels: number; colors: number }> {
	await page.locator('main canvas').first().waitFor();
	return page.evaluate(() => {
		const canvas = document.querySelector<HTMLCanvasElement>('main canvas');
		const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
		const colors = new Set<number>();
		let pixels = 0;
		for (let i = 0; i < data.length; i += 4) {
			if (!data[i + 3]) continue;
			pixels += 1;
			if (data[i + 3] === 255) colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
		}
		return { pixels, colors: colors.size };
	});
}
