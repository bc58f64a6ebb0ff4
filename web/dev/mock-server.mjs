// Development only: answers the API with plausible, seeded, made-up figures, and serves the built app
// the way the real server does (compression, caching, content security policy).
// Usage: node dev/mock-server.mjs [port]
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { answer, guilds, tick } from './mock-data.mjs';

const port = Number(process.argv[2] ?? 7780);
const root = new URL('../build/', import.meta.url).pathname;
const types = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.svg': 'image/svg+xml',
	'.woff2': 'font/woff2',
	'.json': 'application/json',
	'.txt': 'text/plain; charset=utf-8'
};
const listeners = new Map();

function policy(html) {
	const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
		(match) => `'sha256-${createHash('sha256').update(match[1]).digest('base64')}'`
	);
	return `default-src 'none'; script-src 'self' ${hashes.join(' ')}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
}

function file(request, response, path) {
	const asset = normalize(join(root, path));
	const found = asset.startsWith(root) && existsSync(asset) && statSync(asset).isFile();
	if (!found && extname(path)) return send(response, 404, 'text/plain', 'no such file');
	const name = found ? asset : join(root, 'index.html');
	const html = extname(name) === '.html';
	const headers = { 'content-type': types[extname(name)] ?? 'application/octet-stream', 'x-content-type-options': 'nosniff' };
	headers['cache-control'] = /_app\/immutable|\/fonts\//.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache';
	if (html) headers['content-security-policy'] = policy(readFileSync(name, 'utf8'));
	const accepted = request.headers['accept-encoding'] ?? '';
	for (const [coding, ending] of [['br', '.br'], ['gzip', '.gz']]) {
		if (accepted.includes(coding) && existsSync(name + ending)) {
			response.writeHead(200, { ...headers, 'content-encoding': coding, vary: 'accept-encoding' });
			return response.end(readFileSync(name + ending));
		}
	}
	response.writeHead(200, headers);
	response.end(readFileSync(name));
}

function send(response, status, type, body) {
	response.writeHead(status, { 'content-type': type, 'cache-control': 'private, no-cache' });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function live(guild, response) {
	response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
	response.write(': connected\n\n');
	const set = listeners.get(guild) ?? listeners.set(guild, new Set()).get(guild);
	set.add(response);
	response.on('close', () => set.delete(response));
}

let version = 0;
setInterval(() => {
	tick();
	version += 1;
	for (const set of listeners.values())
		for (const response of set) response.write(`event: changed\ndata: {"families":["activity"],"version":${version}}\n\n`);
}, 4_000);

createServer((request, response) => {
	const url = new URL(request.url, 'http://localhost');
	const stream = /^\/api\/v1\/guilds\/(\d+)\/live$/.exec(url.pathname);
	if (stream) return live(stream[1], response);
	if (url.pathname.startsWith('/api/')) {
		const [status, body] = answer(url.pathname.slice('/api/v1'.length), url.searchParams);
		return send(response, status, status < 400 ? 'application/json' : 'application/problem+json', body);
	}
	if (url.pathname.startsWith('/media/')) return picture(url, response);
	file(request, response, url.pathname === '/' ? '/index.html' : url.pathname);
}).listen(port, '127.0.0.1', () => console.log(`mock of ${guilds.length} servers on http://127.0.0.1:${port}`));

function picture(url, response) {
	const hue = [...url.pathname].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 360, 7);
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="hsl(${hue} 55% 45%)"/><circle cx="32" cy="26" r="12" fill="hsl(${(hue + 40) % 360} 70% 75%)"/><circle cx="32" cy="62" r="22" fill="hsl(${(hue + 40) % 360} 70% 75%)"/></svg>`;
	send(response, 200, 'image/svg+xml', svg);
}
