// Everything without a mouse.
import { expect, test } from '@playwright/test';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});
test.beforeEach(async ({ page }) => {
	await page.goto(`/g/${site.guild}`);
	await settled(page);
});

test('the first tab stop skips to the content', async ({ page }) => {
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.locator('#content')).toBeFocused();
});

test('two keys jump between pages', async ({ page }) => {
	await page.keyboard.press('g');
	await page.keyboard.press('l');
	await expect(page).toHaveURL(new RegExp(`/g/${site.guild}/leaderboards`));
	await settled(page);
	await page.keyboard.press('/');
	await expect(page.getByRole('searchbox')).toBeFocused();
	await page.keyboard.press('Escape');
	await page.locator('h1').click();
	await page.keyboard.press('g');
	await page.keyboard.press('o');
	await expect(page).toHaveURL(new RegExp(`/g/${site.guild}(\\?|$)`));
	await page.keyboard.press('g');
	await page.keyboard.press('v');
	await expect(page).toHaveURL(new RegExp(`/g/${site.guild}/voice`));
	await page.keyboard.press('g');
	await page.keyboard.press('c');
	await expect(page).toHaveURL(new RegExp(`/g/${site.guild}/coverage`));
	for (const [key, place] of [['m', 'members'], ['i', 'invites'], ['a', 'moderation'], ['e', 'switches']] as const) {
		await page.keyboard.press('g');
		await page.keyboard.press(key);
		await expect(page).toHaveURL(new RegExp(`/g/${site.guild}/${place}`));
	}
	await page.keyboard.press('g');
	await page.keyboard.press('s');
	await expect(page).toHaveURL(/\/$/);
});

test('the palette finds pages, members and commands', async ({ page }) => {
	await page.keyboard.press('Control+k');
	const field = page.getByRole('combobox');
	await expect(field).toBeFocused();
	await field.fill(site.memberName.slice(0, 12));
	await page.getByRole('option', { name: site.memberName }).first().waitFor();
	await page.keyboard.press('Escape');
	await expect(field).toBeHidden();

	await page.keyboard.press('Control+k');
	await page.getByRole('combobox').fill('leaderb');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/leaderboards/);

	await page.keyboard.press('Control+k');
	await page.getByRole('combobox').fill('theme: dark');
	await page.keyboard.press('Enter');
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('help opens with a question mark and at the definition asked for', async ({ page }) => {
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog')).toContainText('Keyboard');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await page.getByRole('button', { name: 'How “Active members” is counted' }).first().focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('dialog').getByText('Each counts once')).toBeInViewport();
});

test('arrow keys read the chart, and its table holds the same values', async ({ page }) => {
	const chart = page.getByRole('slider');
	await chart.focus();
	await page.keyboard.press('End');
	const last = await chart.getAttribute('aria-valuetext');
	await page.keyboard.press('ArrowLeft');
	await expect(chart).not.toHaveAttribute('aria-valuetext', last ?? '');
	const value = /Messages ([\d,]+)/.exec((await chart.getAttribute('aria-valuetext')) ?? '')?.[1] ?? 'none';
	await page.getByRole('button', { name: 'Table' }).click();
	await expect(page.getByRole('region').getByRole('row').nth(2)).toContainText(value);
});

test('arrow keys walk the heatmap', async ({ page }) => {
	const cell = page.locator('[role="gridcell"][tabindex="0"]');
	await cell.focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowDown');
	const walked = page.locator('[role="gridcell"]:focus');
	await expect(walked).toHaveAttribute('data-hour', '1');
	await expect(walked).toHaveAttribute('data-day', '1');
});

test('a menu opens, is walked and closes, and focus returns', async ({ page }) => {
	const button = page.getByRole('button', { name: /^Period/ });
	await button.focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: 'Last 30 days', exact: true })).toBeFocused();
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/range=7d/);
	await expect(page.getByRole('button', { name: 'Period: Last 7 days' })).toBeVisible();
	await button.focus();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	await expect(button).toBeFocused();
});
