// Voice: the page answers, filters, lists sessions; the same figures stand everywhere.
import { expect, test } from '@playwright/test';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

test('the page answers its question in the first sentence', async ({ page }) => {
	await page.goto(`/g/${site.guild}/voice`);
	await settled(page);
	await expect(page.locator('h1')).toContainText(`How much is ${site.guildName} talking?`);
	await expect(page.locator('h1 + p')).toContainText(/in voice from [\d,]+ (people|person) in the last 30 days/);
	await expect(page.getByRole('heading', { name: 'Voice time', exact: true })).toBeVisible();
});

test('a click on a channel filters the page; its chip takes the filter away', async ({ page }) => {
	await page.goto(`/g/${site.guild}/voice`);
	await settled(page);
	const figure = page.locator('[data-figure]').first();
	const all = await figure.textContent();
	await page.locator('.bar-row button').filter({ hasText: site.voiceChannelName }).first().click();
	await expect(page).toHaveURL(new RegExp(`channel=${site.voiceChannel}`));
	await settled(page);
	await expect(figure).not.toHaveText(all ?? '');
	await page.getByRole('button', { name: /^Remove the filter/ }).click();
	await expect(figure).toHaveText(all ?? '');
});

test('active time is one click away, and stands in the address', async ({ page }) => {
	await page.goto(`/g/${site.guild}/voice`);
	await settled(page);
	await page.getByRole('button', { name: 'Active voice time', exact: true }).click();
	await expect(page).toHaveURL(/metric=active_voice_minutes/);
	await expect(page.getByRole('heading', { name: 'Active voice time', exact: true })).toBeVisible();
});

test('sessions say who, where, from when to when, and what happened in them', async ({ page }) => {
	await page.goto(`/g/${site.guild}/voice`);
	await settled(page);
	const rows = page.locator('.session-row');
	await expect(rows.first()).toBeVisible();
	const before = await rows.count();
	await expect(rows.first().locator('.sr-only').first()).toContainText(/(min|h)/);
	const more = page.getByRole('button', { name: 'Show more sessions' });
	if (await more.isVisible()) {
		await more.click();
		await expect.poll(() => rows.count()).toBeGreaterThan(before);
	}
	await rows.first().getByRole('link').first().click();
	await expect(page).toHaveURL(/\/members\/\d+\?.*family=voice/);
});

test('arrow keys read the hours of the day', async ({ page }) => {
	await page.goto(`/g/${site.guild}/voice`);
	await settled(page);
	const hours = page.getByRole('slider', { name: 'How many are there at once' });
	await hours.focus();
	await page.keyboard.press('End');
	await expect(hours).toHaveAttribute('aria-valuetext', /^23:00: /);
	await page.keyboard.press('ArrowLeft');
	await expect(hours).toHaveAttribute('aria-valuetext', /^22:00: /);
});

test('a voice channel is asked about voice first, and can be asked about messages', async ({ page }) => {
	await page.goto(`/g/${site.guild}/channels/${site.voiceChannel}`);
	await settled(page);
	await expect(page.getByRole('heading', { name: 'Who talks here' })).toBeVisible();
	await page.getByRole('button', { name: 'Messages', exact: true }).click();
	await expect(page).toHaveURL(/family=messages/);
	await expect(page.getByRole('heading', { name: 'Who writes here' })).toBeVisible();
});

test('the overall board prints its formula, with voice in it', async ({ page }) => {
	await page.goto(`/g/${site.guild}/leaderboards?board=activity`);
	await settled(page);
	await expect(page.getByText(/Score = messages × 1 \+ minutes in voice × 0\.5 \+ reactions given × 0\.2/)).toBeVisible();
});
