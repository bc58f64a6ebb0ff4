// What happens on the server reaches an open page by itself.
import { expect, test } from '@playwright/test';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

test('new messages move the figures without a reload', async ({ page }) => {
	// A flush of the counts, at its default interval of a minute, and some air.
	test.setTimeout(180_000);
	await page.goto(`/g/${site.guild}?range=24h`);
	await settled(page);
	await expect(page.locator('[data-live="live"]')).toBeVisible();
	const figure = page.locator('[data-figure]').first();
	const before = await figure.textContent();
	await expect(figure).not.toHaveText(before ?? '', { timeout: 150_000 });
	await expect(page.locator('main .skeleton')).toHaveCount(0);
});

test('a lost connection is shown, and mended', async ({ page }) => {
	let cut = true;
	await page.route('**/live', (route) => (cut ? route.abort() : route.continue()));
	await page.goto(`/g/${site.guild}`);
	await expect(page.locator('[data-live="stale"]')).toBeVisible();
	cut = false;
	await expect(page.locator('[data-live="live"]')).toBeVisible({ timeout: 30_000 });
});

test('a server that does not answer is said so, and can be asked again', async ({ page }) => {
	let down = true;
	await page.route('**/api/v1/guilds', (route) => (down ? route.abort() : route.continue()));
	await page.goto('/');
	await expect(page.getByRole('alert')).toContainText('The server does not answer', { timeout: 20_000 });
	down = false;
	await page.getByRole('button', { name: 'Try again' }).click();
	await settled(page);
	await expect(page.getByText(site.guildName).first()).toBeVisible();
});
