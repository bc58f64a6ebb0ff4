// Who comes, stays and goes, and who brought them; and what is listened to.
import { expect, test } from '@playwright/test';
import type { AccessList, SwitchList } from '../src/lib/api/index.ts';
import { discover, drawn, settled, type Site } from './site.ts';

let site: Site;
test.beforeAll(async ({ playwright, baseURL }) => {
	site = await discover(await playwright.request.newContext({ baseURL }));
});

test('members: the curve, the cohorts and their choices stand in the address', async ({ page }) => {
	await page.goto(`/g/${site.guild}/members?range=90d`);
	await settled(page);
	await expect(page.locator('h1')).toContainText(`Is ${site.guildName} growing?`);
	expect((await drawn(page)).pixels).toBeGreaterThan(2_000);
	await page.getByRole('button', { name: 'Members', exact: true }).click();
	await expect(page).toHaveURL(/growth=members/);
	await expect(page.getByText('The axis does not begin at zero.')).toBeVisible();
	const cells = page.locator('.cohort-cell');
	await expect(cells.first()).toHaveText(/%$/);
	await page.getByRole('button', { name: 'Active', exact: true }).first().click();
	await expect(page).toHaveURL(/measure=active/);
	await settled(page);
	await expect(cells.first()).toHaveAttribute('title', /Week 1: .*\([\d,]+ of [\d,]+\)/);
});

test('invites: a recruiter narrows the joins down; a join opens to its evidence', async ({ page }) => {
	await page.goto(`/g/${site.guild}/invites`);
	await settled(page);
	await expect(page.locator('h1')).toContainText('Who brings people who stay');
	await expect(page.getByText(/Stayed = still a member 7 days after the join/)).toBeVisible();
	await page.locator('button.leader-link[aria-pressed="false"]').first().click();
	await expect(page).toHaveURL(/inviter=\d+/);
	await settled(page);
	const join = page.locator('details.join').first();
	await join.locator('summary').click();
	await expect(join).toContainText(/(Nothing else can have happened|Right in at least 19 of 20|Not attributed)/);
	await page.getByRole('button', { name: /^Remove the filter by/i }).click();
	await expect(page).not.toHaveURL(/inviter=/);
});

test('an event is switched off here, and everywhere only after a question', async ({ page }) => {
	await page.goto(`/g/${site.guild}/switches`);
	await settled(page);
	const here = page.getByRole('switch', { name: 'MESSAGE_REACTION_REMOVE_ALL, in this server' });
	await expect(here).toHaveAttribute('aria-checked', 'true');
	await here.click();
	await expect(here).toHaveAttribute('aria-checked', 'false');
	await here.click();
	await expect(here).toHaveAttribute('aria-checked', 'true');
	const everywhere = page.getByRole('switch', { name: 'MESSAGE_REACTION_REMOVE_ALL, in every server' });
	await everywhere.click();
	await page.getByRole('dialog').getByRole('button', { name: 'Keep it on' }).click();
	await expect(everywhere).toHaveAttribute('aria-checked', 'true');
});

test('a switch that the server refuses says so, and stays as it was', async ({ page }) => {
	await page.route(/switches\/VOICE_STATE_UPDATE/, (route) => route.abort());
	await page.goto(`/g/${site.guild}/switches`);
	await settled(page);
	const voice = page.getByRole('switch', { name: 'VOICE_STATE_UPDATE, in this server' });
	await voice.click();
	await expect(page.getByRole('alert')).toContainText('VOICE_STATE_UPDATE could not be switched.');
	await expect(voice).toHaveAttribute('aria-checked', 'true');
});

test('coverage says what may not be read, what lets it be read, and what is lost', async ({ page }) => {
	await page.route(/\/access$/, async (route) => {
		const response = await route.fetch();
		const answer = (await response.json()) as AccessList;
		for (const reading of answer.readings) if (reading.reading === 'audit_log') reading.allowed = false;
		await route.fulfill({ response, json: answer });
	});
	await page.goto(`/g/${site.guild}/coverage`);
	await settled(page);
	const access = page.locator('#access');
	await expect(access).toContainText('View Audit Log');
	await expect(access).toContainText('kicks and prunes: they look like people leaving');
});

test('the switches of a server are told in the first sentence', async ({ page }) => {
	await page.route(/api\/v1\/.*\/switches$/, async (route) => {
		const response = await route.fetch();
		const answer = (await response.json()) as SwitchList;
		for (const entry of answer.switches) Object.assign(entry, { on: true, on_here: true, on_everywhere: true });
		await route.fulfill({ response, json: answer });
	});
	await page.goto(`/g/${site.guild}/switches`);
	await settled(page);
	await expect(page.locator('h1 + p')).toContainText('Every event is listened to.');
});
