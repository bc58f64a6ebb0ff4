// Fails the build when what a visitor must load first grows beyond its budget (bytes after gzip -9).
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const build = new URL('../build/', import.meta.url);
const budgets = { entry: 110_000, css: 16_000, lazy: 60_000, fonts: 40_000 };

const html = readFileSync(new URL('index.html', build), 'utf8');
const size = (path) => gzipSync(readFileSync(new URL(`.${path}`, build)), { level: 9 }).length;
const chunks = JSON.parse(/\(function \(chunks\)[\s\S]*?\}\)\((\{.*?\})\);/.exec(html)?.[1] ?? '{}');
const shared = [...new Set([...html.matchAll(/"(\/_app\/[^"]+\.js)"/g)].map((match) => match[1]))].filter(
	(file) => !Object.values(chunks).flat().includes(file)
);
const styles = [...new Set([...html.matchAll(/href="(\/_app\/[^"]+\.css)"/g)].map((match) => match[1]))];
const css = styles.reduce((sum, file) => sum + size(file), 0);
const base = shared.reduce((sum, file) => sum + size(file), 0) + css;

let failed = false;
function report(name, bytes, budget) {
	const over = bytes > budget;
	failed ||= over;
	console.log(`${over ? 'OVER' : 'ok  '} ${name.padEnd(36)} ${(bytes / 1000).toFixed(1).padStart(7)} kB of ${budget / 1000}`);
}

report('styles', css, budgets.css);
for (const page of ['servers', 'overview', 'voice', 'members', 'invites', 'moderation', 'leaderboards', 'member', 'channels', 'coverage', 'switches', 'status']) {
	const files = new Set([...chunks[page], ...chunks['lang:fr'], ...(chunks[`${page}:fr`] ?? [])]);
	report(`entry ${page} (scripts and styles)`, base + [...files].reduce((sum, file) => sum + size(file), 0), budgets.entry);
}
const chart = chunks.chart.filter((file) => !chunks.overview.includes(file));
report('chart, after the figures', chart.reduce((sum, file) => sum + size(file), 0), budgets.lazy);
const fonts = readdirSync(new URL('fonts/', build)).filter((name) => name.endsWith('.woff2'));
report('fonts', fonts.reduce((sum, name) => sum + readFileSync(new URL(`fonts/${name}`, build)).length, 0), budgets.fonts);
const first = new Set([...shared, ...Object.values(chunks).flat()]);
for (const entry of readdirSync(new URL('_app/', build), { recursive: true, withFileTypes: true })) {
	const path = `${entry.parentPath.slice(build.pathname.length - 1)}/${entry.name}`;
	if (entry.isFile() && entry.name.endsWith('.js') && !first.has(path) && size(path) > budgets.lazy) report(`lazy ${path}`, size(path), budgets.lazy);
}
if (failed) {
	console.error('over budget: split what is not needed at once, or drop a dependency');
	process.exit(1);
}
