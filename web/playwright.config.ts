import { defineConfig } from '@playwright/test';
import { env } from 'node:process';

const url = env.VIGIE_E2E_URL;
if (!url) throw new Error('VIGIE_E2E_URL names no running `vigie demo`; `cargo xtask test` starts one and sets it');

// Real Chromium (Debian's by default) against a running server. One test at a time: budgets are measured among them.
export default defineConfig({
	testDir: 'e2e',
	workers: 1,
	fullyParallel: false,
	timeout: 60_000,
	expect: { timeout: 10_000 },
	reporter: [['list']],
	outputDir: 'test-results',
	use: {
		baseURL: url,
		locale: 'en-GB',
		timezoneId: 'Europe/Paris',
		launchOptions: {
			executablePath: env.VIGIE_E2E_CHROMIUM ?? '/usr/bin/chromium',
			args: [
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync'
			]
		}
	}
});
