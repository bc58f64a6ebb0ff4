import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a running `vigie demo` or the development mock. */
const server = env.VIGIE_DEV_API ?? 'http://127.0.0.1:7780';

export default defineConfig({
	plugins: [
		tailwindcss(),
		sveltekit({
			adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }),
			compilerOptions: { runes: true },
			version: { name: env.npm_package_version ?? '0' }
		})
	],
	server: { proxy: { '/api': server, '/media': server } },
	build: { target: 'es2023', reportCompressedSize: false },
	test: { include: ['src/**/*.test.ts'], environment: 'node' }
});
