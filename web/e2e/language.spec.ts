// Two languages, whole; and choices that last.
import { expect, test } from '@playwright/test';
import { discover, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

test('the language can be changed, and stays', async ({ page }) => {
	await page.goto(`/g/${site.guild}?range=7d`);
	await settled(page);
	await page.getByRole('button', { name: /^Language/ }).click();
	await page.getByRole('button', { name: 'Français', exact: true }).click();
	await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
	await expect(page.getByRole('link', { name: 'Classements' })).toBeVisible();
	await expect(page).toHaveURL(/range=7d/);
	await page.reload();
	await settled(page);
	await expect(page.locator('h1')).toContainText('est-il actif');
	await expect(page.getByText('Messages dans le temps')).toBeVisible();
});

test.describe('a French browser', () => {
	test.use({ locale: 'fr-FR' });
	test('is answered in French at once, numbers and dates too', async ({ page }) => {
		await page.goto(`/g/${site.guild}`);
		await settled(page);
		await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
		await expect(page.getByText(/^par jour/)).toBeVisible();
		await expect(page.getByRole('rowheader', { name: 'lun.' }).first()).toBeVisible();
		const english = await page.evaluate(() => document.body.innerText.match(/\b(Last|Servers|Search|Overview|Leaderboards|Busiest|People|per day)\b/g));
		expect(english ?? []).toEqual([]);
	});
});

test('the theme can be changed, and stays', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('button', { name: /^Theme/ }).click();
	await page.getByRole('button', { name: 'Dark', exact: true }).click();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
