import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { env } from 'node:process';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a running `vigie demo`. */
const server = env.VIGIE_DEV_API ?? 'http://127.0.0.1:7878';

/**
 * SvelteKit's announcer of page changes hides itself by a style attribute, which `style-src 'self'` refuses.
 * The class does the same.
 */
const announcer: Plugin = {
	name: 'announcer-without-inline-style',
	enforce: 'pre',
	transform(code, id) {
		if (!id.endsWith('/runtime/components/root.svelte')) return;
		const changed = code.replace(/style="position: absolute;[^"]*"/, 'class="sr-only"');
		if (changed === code) this.error('the announcer changed: see that no style attribute is left in it');
		return { code: changed, map: null };
	}
};

export default defineConfig({
	plugins: [
		announcer,
		tailwindcss(),
		sveltekit({
			adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }),
			compilerOptions: { runes: true },
			version: { name: env.npm_package_version ?? '0' }
		})
	],
	server: { proxy: { '/api': server, '/media': server } },
	build: {
		target: 'es2023',
		reportCompressedSize: false,
		rolldownOptions: {
			output: {
				codeSplitting: {
					// A browser opens six connections to a server over HTTP/1.1, and each request costs a round trip: few
					// chunks, each asked for at once (see scripts/preload.mjs). Routes and SvelteKit's own entries stay out
					// of the groups, where each would leave an empty file that only points at its group.
					groups: [
						// What runs before everything else. SvelteKit's modules read at once what its start script sets in
						// its payload: in a chunk with them it would be set too late, and unknown addresses would reload
						// for ever.
						{ name: 'first', test: /vite[\\/]preload-helper/, priority: 40 },
						{ name: 'payload', test: /runtime[\\/]client[\\/]payload/, priority: 40 },
						// Pictures that only pages of their own show travel with those.
						// A group takes along what its modules import and no earlier group holds: the common ground first.
						{
							name: 'app',
							test: /node_modules(?!.*(uplot|runtime[\\/]client[\\/](entry|client-entry|bundle)\.js|lucide.*[\\/](ban|bot|clock|eraser|log-out|mic-off|pencil|triangle-alert|undo-2|user-cog|chevron-right)\.))|src[\\/]lib[\\/](api|data[\\/](?!pages)|format|state|i18n[\\/](index|locale)|parts[\\/](name|period|gained)|charts[\\/][Ss]park|ui[\\/](?!Dialog|Pick|picker|Toggle)|shell[\\/](?!Help|More|Palette|palette|CustomDates|ZonePick|zones|dates))/,
							priority: 30
						},
						{ name: 'guild', test: /src[\\/]lib[\\/](parts[\\/](?!Leader|Channel|Member)|charts[\\/](?!TimeSeries|ChartTip|plot|mix|changes))/, priority: 20 },
						{ name: 'chart', test: /uplot|src[\\/]lib[\\/]charts[\\/]/, priority: 10 },
						// Opened on request.
						{ name: 'dialogs', test: /src[\\/]lib[\\/](ui|shell)[\\/]/, priority: 10 }
					]
				}
			}
		}
	},
	test: { include: ['src/**/*.test.ts'], environment: 'node' }
});
