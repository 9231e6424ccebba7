// One part of "make bench", called by scripts/bench: bench.mjs furnish | PART BASE PID, its results as JSON in target/bench;
// or bench.mjs report, which prints them all, and writes docs/PERFORMANCE.md if they are of 100,000 messages.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inChromium, transferred } from './bench.d/browser.mjs';
import { closedLoop, presence } from './bench.d/crowd.mjs';
import { download } from './bench.d/download.mjs';
import { furnish } from './bench.d/people.mjs';
import { report } from './bench.d/report.mjs';
import { roundcube } from './bench.d/roundcube.mjs';
import { speed } from './bench.d/speed.mjs';

const IN_THE_LOOP = 100;
const PRESENT = 300;

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'target/bench');
const build = join(process.env.POSTHORN_BENCH_BUILD || root, 'target');
const [part, base, pid] = process.argv.slice(2);
const parts = {
  speed: () => speed(base),
  loop: () => closedLoop(base, Number(pid), IN_THE_LOOP),
  download: () => download(base, Number(pid)),
  memory: () => presence(base, Number(pid), PRESENT),
  roundcube: () => roundcube(base),
  browser: async () => ({ chromium: await inChromium(base), octets: transferred(build) }),
};

if (part === 'furnish') {
  await furnish(PRESENT);
} else if (part === 'report') {
  const file = (name) => join(results, `${name}.json`);
  const there = Object.keys(parts).filter((name) => name !== 'roundcube' || existsSync(file(name)));
  const found = Object.fromEntries(there.map((name) => [name, JSON.parse(readFileSync(file(name), 'utf8'))]));
  report(found, root);
} else if (parts[part]) {
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${part}.json`), JSON.stringify(await parts[part](), null, 1));
} else {
  console.error(`bench.mjs knows no part ${part}`);
  process.exit(2);
}
process.exit(0);
