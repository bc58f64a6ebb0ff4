// Writes a brotli and a gzip form beside every text asset of the build; the server picks one by Accept-Encoding.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const build = new URL('../build/', import.meta.url).pathname;
const texts = /\.(html|js|css|svg|json|txt|webmanifest)$/;

let files = 0;
for (const entry of readdirSync(build, { recursive: true, withFileTypes: true })) {
	if (!entry.isFile() || !texts.test(entry.name)) continue;
	const path = join(entry.parentPath, entry.name);
	const text = readFileSync(path);
	const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
	writeFileSync(`${path}.br`, brotliCompressSync(text, { params }));
	writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
	files += 1;
}
console.log(`${files} files compressed`);
