import { defineConfig } from '@hey-api/openapi-ts';

// The document is written by the server's own build; the client is generated, never edited.
export default defineConfig({
	input: '../crates/vigie-api/openapi.json',
	output: { path: 'src/lib/api', importFileExtension: '.ts' },
	plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch', '@tanstack/svelte-query']
});
