// The figures as a table: printed, and as docs/PERFORMANCE.md where they are of the large mailbox.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROUNDS, WARM_UP } from './client.mjs';

const ms = (value) => value.toFixed(value < 100 ? 2 : 0);
const verdict = (value, bound) => (value <= bound ? 'yes' : '**no**');
const kilobytes = (octets) => Math.round(octets / 1000);

function output(command, ...args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n')[0];
  } catch {
    return 'unknown';
  }
}

const line = (cells) => `| ${cells.join(' | ')} |`;
function table(head, rows) {
  return [line(head), line(head.map((_, n) => (n === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function operations({ rows }) {
  return table(
    ['operation', 'bare IMAP', 'Posthorn', 'ratio', 'bound', 'within'],
    rows.map((row) => [row.operation, ms(row.floor), ms(row.posthorn), (row.posthorn / row.floor).toFixed(2), ms(row.bound), verdict(row.posthorn, row.bound)]),
  );
}

function others({ speed, loop, download, memory, browser }) {
  const { floor, posthorn } = loop;
  const rows = speed.ratios.map(({ what, value, bound }) => [what, `${value.toFixed(2)} ×`, `${bound.toFixed(1)} ×`, verdict(value, bound)]);
  const throughput = posthorn.perSecond / floor.perSecond;
  const processor = posthorn.dovecot / floor.dovecot;
  rows.push(
    [`${loop.people} people list and open in a closed loop: requests a second, of ${Math.round(floor.perSecond)} as bare IMAP`,
      `${Math.round(posthorn.perSecond)} = ${throughput.toFixed(2)} ×`, 'at least 0.6 ×', verdict(0.6, throughput)],
    [`the same: Dovecot's processor time a request, of ${ms(floor.dovecot)} ms as bare IMAP`,
      `${ms(posthorn.dovecot)} ms = ${processor.toFixed(2)} ×`, '1.5 ×', verdict(processor, 1.5)],
    [`memory of each of ${memory.people} people who are signed in with an open event stream, over ${kilobytes(memory.empty * 1024)} kB of the empty server`,
      `${Math.round(memory.listening)} KiB`, '256 KiB', verdict(memory.listening, 256)],
    ['the same, after each has listed and opened', `${Math.round(memory.used)} KiB`, '256 KiB', verdict(memory.used, 256)],
    [`growth by ${memory.changes} arrivals, flags and removals in one mailbox`, `${Math.round(memory.grown)} KiB`, '1024 KiB', verdict(memory.grown, 1024)],
  );
  const speedOfFile = download.floor / download.posthorn;
  rows.push(
    [`a file of 25 MB is downloaded in ${ms(download.posthorn)} ms; the bare FETCH of its part takes ${ms(download.floor)} ms`,
      `${speedOfFile.toFixed(2)} × as fast`, 'at least 0.7 ×', verdict(0.7, speedOfFile)],
    ['growth of memory while it is downloaded', `${(download.grown / 1024).toFixed(1)} MiB`, '8 MiB', verdict(download.grown, 8 * 1024)],
  );
  const { chromium, octets } = browser;
  if (chromium) {
    rows.push(
      ['Chromium: click to the message\'s heading', `${ms(chromium.heading)} ms`, '50 ms', verdict(chromium.heading, 50)],
      ['Chromium: click to its body loaded in its frame', `${ms(chromium.body)} ms`, '50 ms', verdict(chromium.body, 50)],
      ['Chromium: jump to the middle of the large list, until all rows in sight are there', `${ms(chromium.jump)} ms`, '150 ms', verdict(chromium.jump, 150)],
      ['Chromium: scrolling through 6 s of new rows, frames a second', `${chromium.scroll.perSecond.toFixed(1)}, of ${chromium.scroll.frames} late ${chromium.scroll.late}`, 'at least 58', verdict(58, chromium.scroll.perSecond)],
      ['the same: longest time that a place in sight had no row', `${ms(chromium.scroll.blank)} ms`, '150 ms', verdict(chromium.scroll.blank, 150)],
    );
  }
  const total = octets.wasm + octets.js + octets.css;
  rows.push([`WebAssembly ${kilobytes(octets.wasm)} + JavaScript ${kilobytes(octets.js)} + CSS ${kilobytes(octets.css)} kB, in Brotli; ${kilobytes(octets.later)} kB more when idle`, `${kilobytes(total)} kB`, '350 kB', verdict(total, 350000)]);
  return table(['what', 'measured', 'bound', 'within'], rows);
}

/** Roundcube on the same mailboxes, beside what Posthorn took for the same. */
function beside({ speed, roundcube }) {
  if (!roundcube) return 'Roundcube was not there: `scripts/roundcube get` fetches it from Debian into a directory of its own.';
  const { times, far, exists } = roundcube;
  const number = (n) => n.toLocaleString('en-GB');
  const ours = (start) => speed.rows.find(({ operation }) => operation.startsWith(start))?.posthorn;
  const rows = [
    [`newest 50 of ${number(exists)}: rows`, times.list, ours(`newest 50 of ${number(exists).slice(0, 3)}`)],
    [`newest 50 of ${number(exists)}: page`, times.page, speed.rows.find(({ operation }) => /^newest 50 of 1\d\d,.*page$/.test(operation))?.posthorn],
    [`page ${number(far)}: rows`, times.far, ours('page ')],
    ['open a mail, 10 kB of plain text: page', times.plain, ours('open a mail, 10 kB of plain text: page')],
    ['open a mail, multipart with HTML: page', times.rich, ours('open a mail, multipart with HTML: page')],
    ['search by subject, a number that hardly one has', times.search, speed.rows.find(({ operation }) => /hardly one has: whole/.test(operation))?.posthorn],
    ['flag', times.flag, ours('flag a mail')],
    ['move', times.move, ours('move a mail')],
    ['200 folders: page', times.tree, speed.rows.find(({ operation }) => /^200 folders.*page$/.test(operation))?.posthorn],
  ];
  const cells = rows.map(([what, theirs, own]) => [what, ms(theirs), own === undefined ? '–' : ms(own), own === undefined ? '–' : `${(theirs / own).toFixed(1)} ×`]);
  return table(['operation', 'Roundcube', 'Posthorn', 'Roundcube takes'], cells);
}

/** What a table says is outside its bound, as a list. */
function missed(...tables) {
  const rows = tables.flatMap((text) => text.split('\n')).filter((row) => row.endsWith('**no** |'));
  if (rows.length === 0) return 'Everything is within its bound.';
  return rows.map((row) => `- ${row.split('|')[1].trim()}`).join('\n');
}

/** Prints what was measured. */
export function report(found, root) {
  const cpu = cpus();
  const processor = cpu[0].model.replace(/\s+/g, ' ').trim();
  const machine = `${cpu.length} cores (${processor}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, Dovecot ${output('dovecot', '--version').split(' ')[0]}${found.browser.chromium ? `, Chromium ${found.browser.chromium.version}` : ''}`;
  const loop = ['floor', 'posthorn'].map((name) => found.loop[name]);
  const [first, second] = [operations(found.speed), others(found)];
  const text = `# What it costs

Written by \`make bench\`; what stands here is one run of it on one machine. The ratios count, the milliseconds are the machine's.

- Machine: ${machine}. Client, Posthorn and Dovecot share it.
- Day and commit: ${new Date().toISOString().slice(0, 10)}, ${output('git', '-C', process.env.POSTHORN_BENCH_BUILD || root, 'rev-parse', '--short', 'HEAD')}.
- Commands: \`make bench\`, which is \`scripts/bench\`; \`POSTHORN_BENCH_MESSAGES=5000 scripts/bench\` is a quick look that leaves this file alone.

## How it is measured

One mail stand (STAND.md) of its own, one run, a release build. Each time is the median of ${ROUNDS} in milliseconds, after ${WARM_UP} that do not count;
bare IMAP and Posthorn have their turns in each round, but for what changes something: there one goes after the other, since each would hear of what
the other did.

*Bare IMAP* is the floor: the commands that are needed, in one round over one warm TLS connection that has the folder open, and nothing done with the
answer. *Posthorn* is the whole way by HTTP over one warm connection: a server function (rows, header and structure, tree, changes) or a finished
page, of which the floor is all that it shows: list, folders, quota, message. The bound is 1.5 × the floor + 2 ms; for first hits of a search 150 ms,
for all of them 1.2 × the floor, which is the SEARCH and the first 200 rows.

## Outside its bound

${missed(first, second)}

## Operations

${first}

## The rest

${second}

## Roundcube beside it

Debian's Roundcube on the same mailboxes, by PHP-FPM with opcache and nginx, signed in, by the requests its own page makes.

${beside(found)}

In the closed loop each person waits for an answer before the next request. One process of Node plays all of them, and takes part of the machine:
${ms(loop[0].client)} ms a request as bare IMAP, ${ms(loop[1].client)} ms by HTTP. Posthorn itself takes ${ms(loop[1].posthorn)} ms a request.
`;
  console.log(text.slice(text.indexOf('## Outside')));
  if (found.speed.rows[0].operation.includes('100,000')) {
    writeFileSync(join(root, 'docs/PERFORMANCE.md'), text);
    console.log('✓ written to docs/PERFORMANCE.md');
  }
}
