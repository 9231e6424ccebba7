// Finishes the site that cargo-leptos has built: names what belongs together by all that is in it, and compresses it.
//
// The WebAssembly, its chunks and the modules that load them name each other. cargo-leptos names each by what was in it
// before the others' names were written into it; so a file could change and keep its name, and a browser that keeps it for
// a year would go on asking for chunks that no longer exist. Here all of them get one name, by the contents of all.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { shortened } from './imports.mjs';

const [site, hashes] = process.argv.slice(2);
if (!hashes) throw new Error('usage: node scripts/site.mjs SITE HASH-FILE');
const pkg = join(site, 'pkg');

// As cargo-leptos writes them: 22 characters of base64url before the suffix. The sheet names nothing, and keeps its own.
const hashed = readdirSync(pkg).filter((name) => /\.[\w-]{22}\.(js|wasm|json)$/.test(name)).sort();
if (!hashed.some((name) => name.startsWith('__wasm_split.'))) throw new Error('the WebAssembly was not split: cargo leptos build --split');
const [script, wasm] = ['js', 'wasm'].map((kind) => join(pkg, hashed.find((name) => name.startsWith('posthorn.') && name.endsWith(kind))));
const [shortWasm, shortScript] = shortened(readFileSync(wasm), readFileSync(script, 'utf8'));
writeFileSync(wasm, shortWasm);
writeFileSync(script, shortScript);
const known = hashed.map((name) => name.split('.').at(-2));
const digest = createHash('sha256');
for (const name of hashed) digest.update(readFileSync(join(pkg, name)));
const one = digest.digest('base64url').slice(0, 22);

/** The same octets with the new name in the place of each old one, which is as long. */
function renamed(octets) {
  for (const old of known) {
    for (let at = octets.indexOf(old); at >= 0; at = octets.indexOf(old, at)) octets.write(one, at);
  }
  return octets;
}

for (const name of hashed) {
  const path = join(pkg, name);
  writeFileSync(path, renamed(readFileSync(path)));
  renameSync(path, join(pkg, renamed(Buffer.from(name)).toString()));
}
writeFileSync(hashes, renamed(readFileSync(hashes)));

for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  // Types for those who write JavaScript against it: nobody.
  if (path.endsWith('.d.ts') || /\.d\.[\w-]{22}\.ts$/.test(path)) {
    rmSync(path);
    continue;
  }
  const octets = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(octets, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: octets.length,
    },
  }));
  writeFileSync(`${path}.gz`, gzipSync(octets, { level: 9 }));
}
