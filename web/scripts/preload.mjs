// Tells the boot script of build/index.html which chunks each landing page and each language needs, so that they
// are asked for at once instead of one round trip after another.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const build = new URL('../build/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('../.svelte-kit/output/client/.vite/manifest.json', import.meta.url), 'utf8'));

/** Landing page, as the boot script names it, and the source files (or named chunks of vite.config.ts) that draw it. */
const wanted = {
	servers: ['src/routes/+page.svelte'],
	overview: ['src/routes/g/[guild]/+page.svelte'],
	voice: ['src/routes/g/[guild]/voice/+page.svelte'],
	members: ['src/routes/g/[guild]/members/+page.svelte'],
	invites: ['src/routes/g/[guild]/invites/+page.svelte'],
	moderation: ['src/routes/g/[guild]/moderation/+page.svelte'],
	leaderboards: ['src/routes/g/[guild]/leaderboards/+page.svelte'],
	member: ['src/routes/g/[guild]/members/[id]/+page.svelte'],
	channels: ['src/routes/g/[guild]/channels/[id]/+page.svelte'],
	coverage: ['src/routes/g/[guild]/coverage/+page.svelte'],
	switches: ['src/routes/g/[guild]/switches/+page.svelte'],
	status: ['src/routes/status/+page.svelte'],
	chart: ['chart'],
	'lang:en': ['src/lib/i18n/en.ts'],
	'lang:fr': ['src/lib/i18n/fr.ts'],
	'voice:en': ['src/lib/i18n/voice.en.ts'],
	'voice:fr': ['src/lib/i18n/voice.fr.ts'],
	'members:en': ['src/lib/i18n/people.en.ts'],
	'members:fr': ['src/lib/i18n/people.fr.ts'],
	'invites:en': ['src/lib/i18n/people.en.ts'],
	'invites:fr': ['src/lib/i18n/people.fr.ts'],
	'moderation:en': ['src/lib/i18n/moderation.en.ts'],
	'moderation:fr': ['src/lib/i18n/moderation.fr.ts'],
	'switches:en': ['src/lib/i18n/switches.en.ts'],
	'switches:fr': ['src/lib/i18n/switches.fr.ts'],
	'status:en': ['src/lib/i18n/status.en.ts'],
	'status:fr': ['src/lib/i18n/status.fr.ts'],
	'coverage:en': ['src/lib/i18n/coverage.en.ts'],
	'coverage:fr': ['src/lib/i18n/coverage.fr.ts']
};

/** Entries of the manifest that hold a source file: the file itself, or the generated node that wraps it. */
function entriesOf(source) {
	const found = Object.keys(manifest).filter((key) => key === source || manifest[key].src === source || manifest[key].name === source);
	if (found.length) return found;
	const nodes = Object.keys(manifest).filter((key) => /generated\/.*nodes\/\d+\.js$/.test(key));
	const node = nodes.find((key) => {
		const file = new URL(`../${key}`, import.meta.url);
		return existsSync(file) && readFileSync(file, 'utf8').includes(source);
	});
	if (!node) throw new Error(`no chunk of the build holds ${source}`);
	return [node];
}

function filesOf(entry, files, seen) {
	if (seen.has(entry)) return;
	seen.add(entry);
	files.add(`/${manifest[entry].file}`);
	for (const next of manifest[entry].imports ?? []) filesOf(next, files, seen);
}

const page = new URL('index.html', build);
const html = readFileSync(page, 'utf8');
const already = new Set([...html.matchAll(/(?:href|import\()\s*=?\s*"([^"]+\.js)"/g)].map((match) => match[1]));
const chunks = {};
for (const [name, sources] of Object.entries(wanted)) {
	const files = new Set();
	const seen = new Set();
	for (const source of sources) for (const entry of entriesOf(source)) filesOf(entry, files, seen);
	chunks[name] = [...files].filter((file) => !already.has(file));
}

const place = /\/\*chunks\*\/ ?\{\} ?\/\*end\*\//;
if (!place.test(html)) throw new Error('index.html has no place for the chunks; see the boot script of src/app.html');
// Styles before scripts: the first paint waits for them, and connections are given out in this order.
const sheet = /<link href="[^"]+\.css" rel="stylesheet">/g;
const sheets = [...html.matchAll(sheet)].map((match) => match[0]).join('');
const first = '<link rel="preload"';
writeFileSync(page, html.replace(place, JSON.stringify(chunks)).replace(sheet, '').replace(first, `${sheets}${first}`));
console.log(Object.entries(chunks).map(([name, files]) => `${name}: ${files.length} chunks`).join(', '));
