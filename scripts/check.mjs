// Checks that compare files of the repository with each other: every text exists in every language with the same
// placeholders.
// Called by scripts/check.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

let bad = false;
const complain = (what) => {
  console.error(`✗ ${what}`);
  bad = true;
};

// "a.b.c" to its text, however deep the file is nested.
function flatten(value, prefix = '', out = new Map()) {
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) flatten(inner, prefix ? `${prefix}.${key}` : key, out);
  } else {
    out.set(prefix, String(value));
  }
  return out;
}

const placeholders = (text) => [...text.matchAll(/\{+\s*[\w.$-]+\s*\}+/g)].map((match) => match[0]).sort().join(' ');

if (existsSync('locales')) {
  const languages = new Map();
  for (const file of readdirSync('locales').filter((name) => name.endsWith('.json'))) {
    try {
      languages.set(file, flatten(JSON.parse(readFileSync(join('locales', file), 'utf8'))));
    } catch (error) {
      complain(`locales/${file}: ${error.message}`);
    }
  }
  const all = new Set([...languages.values()].flatMap((texts) => [...texts.keys()]));
  for (const key of all) {
    const wanted = new Set();
    for (const [file, texts] of languages) {
      if (!texts.has(key)) complain(`locales/${file} lacks "${key}"`);
      else if (texts.get(key).trim() === '') complain(`locales/${file}: "${key}" is empty`);
      else wanted.add(placeholders(texts.get(key)));
    }
    if (wanted.size > 1) complain(`locales: "${key}" has different placeholders: ${[...wanted].join(' | ')}`);
  }
}

// Files that grew too long to read in one sitting.
for (const dir of ['scripts', 'scripts/stand.d']) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const lines = readFileSync(join(dir, entry.name), 'utf8').split('\n').length;
    if (lines > 420) complain(`${dir}/${entry.name} has ${lines} lines: split it`);
  }
}

process.exit(bad ? 1 : 0);
