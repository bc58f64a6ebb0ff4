// The address is the question: filters change both it and the answer; Back undoes; a link carries it.
import { expect, test, type Page } from '@playwright/test';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

const messages = (page: Page) => page.locator('[data-figure]').first();

async function choose(page: Page, menu: RegExp, option: string): Promise<void> {
	await page.getByRole('button', { name: menu }).click();
	await page.locator(':popover-open').getByRole('button', { name: option, exact: true }).click();
	await settled(page);
}

test.beforeEach(async ({ page }) => {
	await page.goto(`/g/${site.guild}`);
	await settled(page);
});

test('the time zone in use stands in the address', async ({ page }) => {
	await expect(page).toHaveURL(/tz=Europe%2FParis/);
	await page.getByRole('button', { name: /^Time zone/ }).click();
	await page.getByRole('combobox').fill('tokyo');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/tz=Asia%2FTokyo/);
	await expect(page.getByText('Times in Tokyo')).toBeVisible();
});

test('a period changes the figures, and Back brings them back', async ({ page }) => {
	const month = await messages(page).textContent();
	await choose(page, /^Period/, 'Last 24 hours');
	await expect(page).toHaveURL(/range=24h/);
	await expect(messages(page)).not.toHaveText(month ?? '');
	await page.goBack();
	await expect(page).not.toHaveURL(/range=24h/);
	await expect(page.getByRole('button', { name: 'Period: Last 30 days' })).toBeVisible();
});

test('a click on a channel filters the page; its chip takes the filter away', async ({ page }) => {
	const all = await messages(page).textContent();
	await page.locator('.bar-row button').first().click();
	await expect(page).toHaveURL(/channel=\d+/);
	await settled(page);
	await expect(messages(page)).not.toHaveText(all ?? '');
	await page.getByRole('button', { name: /^Remove the filter/ }).click();
	await expect(page).not.toHaveURL(/channel=/);
});

test('audience, comparison, metric, split and step are parts of the question', async ({ page }) => {
	await choose(page, /^Who counts/, 'Bots and webhooks');
	await expect(page).toHaveURL(/audience=bots/);
	await choose(page, /^Who counts/, 'People');
	await choose(page, /^Compared with/, 'Nothing');
	await expect(page).toHaveURL(/compare=none/);
	await expect(page.locator('.legend', { hasText: 'Compared' })).toHaveCount(0);
	await page.getByRole('button', { name: 'Reactions', exact: true }).click();
	await expect(page).toHaveURL(/metric=reactions/);
	await expect(page.getByRole('heading', { name: 'Reactions over time' })).toBeVisible();
	await choose(page, /^Split/, 'Channel');
	await expect(page).toHaveURL(/split=channel/);
	expect(await page.locator('button.legend').count()).toBeGreaterThan(1);
	await choose(page, /^Step/, 'Week');
	await expect(page).toHaveURL(/step=week/);
	await expect(page.getByText(/^per week/)).toBeVisible();
});

test('dragging over the chart zooms in, and a button leads back', async ({ page }) => {
	const chart = page.getByRole('slider');
	await chart.locator('canvas').waitFor();
	await chart.evaluate((element) => element.scrollIntoView({ block: 'center' }));
	const box = await chart.boundingBox();
	if (!box) throw new Error('the chart has no place');
	await page.mouse.move(box.x + box.width * 0.4, box.y + 120);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.7, box.y + 120, { steps: 8 });
	await page.mouse.up();
	await expect(page).toHaveURL(/from=.*&to=/);
	await settled(page);
	await page.getByRole('button', { name: 'Back to the last 30 days' }).click();
	await expect(page).not.toHaveURL(/from=/);
});

test('own dates are two whole days', async ({ page }) => {
	const today = new Date();
	const iso = (daysAgo: number) => new Date(today.getTime() - daysAgo * 86_400_000).toISOString().slice(0, 10);
	await page.getByRole('button', { name: /^Period/ }).click();
	await page.getByLabel('First day').fill(iso(6));
	await page.getByLabel('Last day').fill(iso(8));
	await expect(page.getByRole('alert')).toContainText('must not come before');
	await page.getByLabel('Last day').fill(iso(3));
	await page.getByRole('button', { name: 'Apply' }).click();
	await expect(page).toHaveURL(new RegExp(`from=${iso(6)}&to=${iso(2)}`));
	await settled(page);
});

test('a wrong value in the address is named, and can be reset', async ({ page }) => {
	await page.goto(`/g/${site.guild}?tz=Europe/Atlantis`);
	await expect(page.getByRole('alert').first()).toContainText('(tz)');
	await page.getByRole('link', { name: 'Reset the filters' }).first().click();
	await settled(page);
	await expect(page.locator('.kpi').first()).toBeVisible();
});

test('an unknown server says so', async ({ page }) => {
	await page.goto('/g/1');
	await expect(page.getByRole('alert')).toContainText('This server is not known here');
});

test('leaderboards: tabs, search, rows as far as one scrolls', async ({ page }) => {
	await page.goto(`/g/${site.guild}/leaderboards`);
	await settled(page);
	const table = page.getByRole('table');
	expect(await table.locator('tbody tr').count()).toBeLessThan(80);
	await page.getByRole('button', { name: 'Reactions', exact: true }).click();
	await expect(page).toHaveURL(/board=reactions/);
	await page.getByRole('button', { name: 'Messages', exact: true }).click();
	await settled(page);
	await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
	// The board may grow while one reads: its last row is whatever the table says now.
	await expect
		.poll(async () => {
			await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
			const last = table.locator(`tr[aria-rowindex="${await table.getAttribute('aria-rowcount')}"] th a`);
			return (await last.count()) === 1 && (await last.isVisible());
		}, { timeout: 30_000 })
		.toBe(true);
	await page.evaluate(() => scrollTo(0, 0));
	await page.getByRole('searchbox').fill(site.memberName);
	await expect(page).toHaveURL(/q=/);
	await expect(table.getByRole('link').first()).toContainText(site.memberName);
	await table.getByRole('link').first().click();
	await expect(page).toHaveURL(/\/members\/\d+\?/);
	await expect(page.locator('h1')).toContainText(site.memberName);
});

test('the sidebar leads to a channel, its members to a member', async ({ page }) => {
	await page.goto(`/g/${site.guild}/channels/${site.channel}`);
	await settled(page);
	await expect(page.locator('h1')).toContainText(site.channelName);
	await page.locator('.bar-row a').first().click();
	await expect(page).toHaveURL(/\/members\//);
	await settled(page);
});
