// Moderation: the page answers, narrows down, opens an act with its evidence; what is not known is said.
import { expect, test } from '@playwright/test';
import type { ModerationCase, ModerationCases } from '../src/lib/api/index.ts';
import { discover, settled, type Site } from './site.ts';

let site: Site;
let acts: ModerationCase[];
test.beforeAll(async ({ playwright, baseURL }) => {
	const request = await playwright.request.newContext({ baseURL });
	site = await discover(request);
	const answer = await request.get(`/api/v1/guilds/${site.guild}/moderation/recent?range=30d&limit=50`);
	acts = ((await answer.json()) as ModerationCases).rows;
});

test('the page answers its question, and lists the latest acts', async ({ page }) => {
	await page.goto(`/g/${site.guild}/moderation`);
	await settled(page);
	await expect(page.locator('h1')).toContainText(`Who did what in ${site.guildName}?`);
	await expect(page.locator('h1 + p')).toContainText(/[\d,]+ acts? .*in the last 30 days/);
	await expect(page.locator('.act-row').first()).toBeVisible();
});

test('filters stand in the address, and can be taken away', async ({ page }) => {
	await page.goto(`/g/${site.guild}/moderation`);
	await settled(page);
	await page.getByRole('button', { name: /^Action/ }).click();
	await page.locator(':popover-open').getByRole('button', { name: /^Ban(?! lifted)/ }).click();
	await expect(page).toHaveURL(/action=ban/);
	await settled(page);
	await page.getByRole('searchbox').fill('there is no such reason anywhere');
	await expect(page).toHaveURL(/q=there/);
	await page.goBack();
	await expect(page).not.toHaveURL(/action=ban/);
});

test('an act opens with its evidence, and Back closes it', async ({ page }) => {
	await page.goto(`/g/${site.guild}/moderation`);
	await settled(page);
	await page.locator('.act-row button').first().click();
	await expect(page).toHaveURL(/case=\d+/);
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('How this is known');
	await expect(dialog).toContainText(/(Told by|Read from)/);
	await page.goBack();
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(page).not.toHaveURL(/case=/);
});

test('a moderator who is not known is said to be unknown, never guessed', async ({ page }) => {
	await page.route(/moderation\/recent/, async (route) => {
		const response = await route.fetch();
		const answer = (await response.json()) as ModerationCases;
		for (const act of answer.rows) Object.assign(act, { action: 'ban', moderator: null, audit_id: null, evidence: { source: 'event', event_heard: true } });
		await route.fulfill({ response, json: answer });
	});
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.goto(`/g/${site.guild}/moderation`);
	await settled(page);
	await expect(page.locator('.act-row').first()).toContainText('Unknown');
});

test('what was done to a member stands on their page', async ({ page }) => {
	const target = acts.find((act) => act.target)?.target;
	test.skip(!target, 'nobody was acted on in the last 30 days');
	await page.goto(`/g/${site.guild}/members/${target?.id}`);
	await settled(page);
	await expect(page.getByRole('heading', { name: 'Acts on them' })).toBeVisible();
	await expect(page.getByRole('heading', { name: 'Where they come from' })).toBeVisible();
});
