// What could not be heard is shown: hatched, in words, with its reason; and never as a fall of the figures.
import { expect, test, type Page } from '@playwright/test';
import type { Coverage, Ledger, Series, Status } from '../src/lib/api/index.ts';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

/** Lets the server answer, and changes the answer: gaps as they come from a real loss of connection. */
async function change<T>(page: Page, address: RegExp, edit: (answer: T) => void): Promise<void> {
	await page.route(address, async (route) => {
		const response = await route.fetch();
		const answer = (await response.json()) as T;
		edit(answer);
		await route.fulfill({ response, json: answer });
	});
}

const day = 86_400;
const iso = (at: number) => new Date(at * 1000).toISOString();

/** Two days blind, a day before them read again. */
function gaps(coverage: Coverage, t: readonly number[]): void {
	const middle = t[Math.floor(t.length / 2)] ?? 0;
	coverage.ratio = 0.9337;
	coverage.families = [{ family: 'messages', ratio: 0.9337 }];
	coverage.blind = [{ from: iso(middle), to: iso(middle + 2 * day), family: 'messages', state: 'blind', reason: 'missing_permission' }];
	coverage.recovered = [{ from: iso(middle - day), to: iso(middle), family: 'messages', state: 'recovered', reason: 'session_lost' }];
}

test('a chart says under the cursor and in its table what was not heard, and why', async ({ page }) => {
	await change<Series>(page, /stats\/series/, (series) => {
		gaps(series.coverage, series.t);
		const at = Math.floor(series.t.length / 2);
		for (const line of series.series) line.values[at] = line.values[at + 1] = null;
	});
	await page.goto(`/g/${site.guild}?compare=none`);
	await settled(page);
	await expect(page.getByRole('link', { name: '93.3% heard' }).first()).toBeVisible();
	const chart = page.getByRole('slider').first();
	await chart.focus();
	await page.keyboard.press('End');
	for (let i = 0; i < 40; i += 1) {
		if ((await chart.getAttribute('aria-valuetext'))?.includes('may not read the history')) break;
		await page.keyboard.press('ArrowLeft');
	}
	await expect(chart).toHaveAttribute('aria-valuetext', /–\. Not heard for 24\sh: the bot may not read the history/);
	await expect(page.locator('.tip')).toContainText('Not heard for 24');
	await page.getByRole('button', { name: 'Table', exact: true }).first().click();
	const table = page.getByRole('region').getByRole('table').first();
	await expect(table.getByRole('columnheader', { name: 'Not heard' })).toBeVisible();
	await expect(table).toContainText('Read again, 24');
	await page.getByRole('link', { name: '93.3% heard' }).first().click();
	await expect(page).toHaveURL(/\/coverage/);
});

test('no change is told where too little was heard, and the reason is', async ({ page }) => {
	await change<{ cards: Record<string, { delta: number | null; delta_note: string | null; coverage: number }> }>(page, /stats\/overview/, ({ cards }) => {
		Object.assign(cards.messages ?? {}, { delta: null, delta_note: 'blind_before', coverage: 0.98765 });
	});
	await page.goto(`/g/${site.guild}`);
	await settled(page);
	const card = page.locator('.kpi').first();
	await expect(card).toContainText('not comparable');
	await expect(card).toContainText('too little of the earlier period was heard to compare');
	await expect(card.getByRole('link')).toContainText('98.7% heard');
});

test('the coverage page lists every gap with its reason and what it means', async ({ page }) => {
	await change<Ledger>(page, /\/coverage\?/, (ledger) => {
		const end = Date.parse(ledger.period.to) / 1000;
		const gap = { from: iso(end - 3 * day), to: iso(end - 3 * day + 4_200) };
		ledger.coverage.ratio = 0.998;
		ledger.coverage.blind = [{ ...gap, family: 'voice', state: 'blind', reason: 'session_lost' }];
		ledger.coverage.recovered = [{ ...gap, family: 'messages', state: 'recovered', reason: 'session_lost' }];
		ledger.rows = [
			{ ...gap, duration_ms: 4_200_000, family: 'voice', state: 'blind', reason: 'session_lost', recovering: false },
			{ ...gap, duration_ms: 4_200_000, family: 'messages', state: 'recovered', reason: 'session_lost', recovering: false }
		];
		ledger.total_rows = 2;
		ledger.next_cursor = null;
	});
	await page.goto(`/g/${site.guild}/coverage`);
	await settled(page);
	await expect(page.locator('h1')).toContainText('What could not be heard');
	await expect(page.locator('h1 + p')).toContainText(/^\s*1 gap in the last 30 days, 1\sh 10\smin in all/);
	const list = page.locator('.gap-list > li');
	await expect(list).toHaveCount(2);
	await expect(list.first()).toContainText('Who was in voice in this time is not known');
	await expect(list.last()).toContainText('the figures are complete');
	await expect(page.locator('.strip-gap')).toHaveCount(2);
});

test('status shows what is being read again', async ({ page }) => {
	await change<Status>(page, /api\/v1\/status$/, (status) => {
		status.catch_up = { ...status.catch_up, guilds: 2, channels: 17, recovered: 1_234, oldest_from: iso(Date.parse(status.now) / 1000 - 7_200) };
		status.coverage = { ...status.coverage, recovering: 2, blind: 0 };
	});
	await page.goto('/status');
	await settled(page);
	await expect(page.locator('h1 + p')).toContainText('messages of 2 servers are being read again');
	await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', /17 channels of 2 servers still to be read/);
	await expect(page.getByText('1,234')).toBeVisible();
});

test('a server that is not heard says so on its card', async ({ page }) => {
	await change<{ guilds: { coverage: string }[] }>(page, /api\/v1\/guilds$/, ({ guilds }) => {
		for (const guild of guilds) guild.coverage = 'blind';
	});
	await page.goto('/');
	await settled(page);
	await expect(page.getByText('Not heard', { exact: true }).first()).toBeVisible();
});
