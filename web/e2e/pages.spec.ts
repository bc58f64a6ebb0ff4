// Every page, both themes, two sizes: accessible, still, silent, drawn, and never wider than the screen.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { discover, drawn, settled, shifts, sizes, watchConsole, watchShifts, type Site } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

const pages = {
	servers: () => '/',
	overview: () => `/g/${site.guild}`,
	'overview, split by channel': () => `/g/${site.guild}?split=channel&range=7d`,
	'overview, voice time': () => `/g/${site.guild}?metric=voice_minutes`,
	voice: () => `/g/${site.guild}/voice`,
	'voice, one day by member': () => `/g/${site.guild}/voice?range=24h&split=member`,
	members: () => `/g/${site.guild}/members`,
	'members, as a level': () => `/g/${site.guild}/members?growth=members&measure=active&stages=quiet`,
	invites: () => `/g/${site.guild}/invites`,
	moderation: () => `/g/${site.guild}/moderation`,
	'moderation, bans only': () => `/g/${site.guild}/moderation?action=ban&range=90d`,
	switches: () => `/g/${site.guild}/switches`,
	leaderboards: () => `/g/${site.guild}/leaderboards`,
	'leaderboards, voice': () => `/g/${site.guild}/leaderboards?board=voice`,
	member: () => `/g/${site.guild}/members/${site.member}`,
	'member, voice': () => `/g/${site.guild}/members/${site.talker}?family=voice`,
	channel: () => `/g/${site.guild}/channels/${site.channel}`,
	'voice channel': () => `/g/${site.guild}/channels/${site.voiceChannel}`,
	coverage: () => `/g/${site.guild}/coverage`,
	status: () => '/status',
	'unknown page': () => '/no/such/page'
};
const charts = new Set([
	'overview',
	'overview, split by channel',
	'overview, voice time',
	'voice',
	'voice, one day by member',
	'members',
	'members, as a level',
	'member',
	'member, voice',
	'channel',
	'voice channel'
]);

for (const colorScheme of ['light', 'dark'] as const) {
	for (const size of ['desktop', 'phone'] as const) {
		test.describe(`${colorScheme}, ${size}`, () => {
			test.use({ viewport: sizes[size], colorScheme, hasTouch: size === 'phone', isMobile: size === 'phone' });
			for (const [name, address] of Object.entries(pages)) {
				test(name, async ({ page }) => {
					const errors = watchConsole(page);
					await watchShifts(page);
					await page.goto(address());
					await settled(page);
					if (charts.has(name)) {
						const ink = await drawn(page);
						expect(ink.pixels).toBeGreaterThan(2_000);
						expect(ink.colors).toBeGreaterThan(3);
					}
					expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
					// Animations at rest: axe would measure colours in the middle of a fade.
					await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations === 1).map((a) => a.finished)));
					// Injected by the driver, not by the page: its own policy stays in force.
					await page.evaluate(axe);
					const violations = await page.evaluate(async () => {
						// eslint-disable-next-line @typescript-eslint/no-explicit-any
						const result = await (window as any).axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
						return result.violations.map((v: { id: string; nodes: { target: string[]; failureSummary: string }[] }) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} (${n.failureSummary})`).join('; ')}`);
					});
					expect(violations).toEqual([]);
					expect(await shifts(page)).toEqual([]);
					expect(errors).toEqual([]);
				});
			}
		});
	}
}

test.describe('the smallest phone', () => {
	test.use({ viewport: sizes.smallest, hasTouch: true, isMobile: true, locale: 'fr-FR' });
	for (const [name, address] of Object.entries(pages)) {
		test(`${name} fits, in French`, async ({ page }) => {
			await page.goto(address());
			await settled(page);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(sizes.smallest.width);
			const small = await page.evaluate(() =>
				[...document.querySelectorAll<HTMLElement>('main button, main a, header button, header a, nav button, nav a')]
					.filter((element) => element.checkVisibility())
					.map((element) => {
						const box = element.getBoundingClientRect();
						const after = getComputedStyle(element, '::after');
						// A control may reach beyond its box by an invisible edge.
						const reach = after.position === 'absolute' && after.content !== 'none' ? parseFloat(after.height) : 0;
						return { text: element.getAttribute('aria-label') ?? element.textContent?.trim(), height: Math.round(Math.max(box.height, reach)) };
					})
					.filter((target) => target.height < 40)
			);
			expect(small).toEqual([]);
		});
	}
});
