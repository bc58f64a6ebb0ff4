import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { env } from 'node:process';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a running `vigie demo` or the development mock. */
const server = env.VIGIE_DEV_API ?? 'http://127.0.0.1:7780';

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
		return changed;
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
					groups: [
						{ name: 'base', test: /node_modules[\\/](svelte|@tanstack|devalue|esm-env|clsx|@lucide)[\\/]/ },
						// What is opened on request stays out of what every page loads.
						{ name: 'dialogs', test: /src[\\/]lib[\\/]ui[\\/](Dialog|Pick|picker)/ },
						{ name: 'parts', test: /src[\\/]lib[\\/](api|data|format|state|ui|i18n[\\/](index|locale))/, minShareCount: 2 }
					]
				}
			}
		}
	},
	test: { include: ['src/**/*.test.ts'], environment: 'node' }
});
