// Fills bulk@posthorn.example with N generated messages, as files, by several processes' worth of threads:
// bulk.mjs STAND N. Alike in every run; about one in eight has an attachment, one in three belongs to a thread.
import { createHash } from 'node:crypto';
import { closeSync, futimesSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { landscape } from './assets.mjs';
import { becomeMailUser } from './maildir.mjs';
import { attachment, html, message, multipart, random, text } from './mime.mjs';

const day = 86400000;
const first = ['Anna', 'Jürgen', 'Maria', 'Piet', 'Søren', 'Chloé', 'Łukasz', 'Ayşe', 'Noah', 'Greta', 'Ilse', 'Tomás', '太郎', 'Ирина'];
const last = ['Berger', 'Weiß', 'Lindqvist', 'van Houten', 'Ødegaard', 'Fontanel', 'Nowicki', 'Demir', 'Sommer', 'Krähenwald', 'Holzapfel', 'Blech'];
const words = 'Angebot Rechnung Termin Bericht Entwurf Frage Antwort Einladung Übersicht Protokoll report draft meeting notes invoice question plan update budget schedule review photos travel garden music summer winter window bridge river Straße Haus Fenster Brücke Fluss'.split(' ');

function build(i, total, now) {
  const rnd = random(i * 2654435761);
  const some = (n) => Array.from({ length: n }, () => rnd.pick(words)).join(' ');
  const age = Math.floor(((total - i) / total) * 5 * 365 * day) + rnd.below(60000);
  const date = new Date(now - age);
  const reply = i > 3 && rnd.below(3) === 0 ? i - 1 - rnd.below(3) : null;
  const id = (n) => `bulk-${n}@example.example`;
  const person = `${rnd.pick(first)} ${rnd.pick(last)}`;
  const body = Array.from({ length: 3 + rnd.below(18) }, () => some(6 + rnd.below(8))).join('\n');
  const kind = rnd.below(8);
  let part = text(`Message ${i}\n\n${body}\n`);
  if (kind < 3) part = multipart('alternative', [part, html(`<p>Message <b>${i}</b></p><p>${body.replaceAll('\n', '<br>\n')}</p>`)]);
  if (kind === 7) part = multipart('mixed', [part, attachment('image/png', picture, `Bild ${i}.png`)]);
  const raw = message(
    { from: `${person} <person${rnd.below(400)}@firma${rnd.below(60)}.example>`, to: 'bulk@posthorn.example', subject: `${reply ? 'Re: ' : ''}${some(2 + rnd.below(5))} ${i}`, date, id: id(i), inReplyTo: reply ? id(reply) : undefined, references: reply ? [id(reply)] : undefined },
    part,
  );
  const flags = i > total - 200 && rnd.below(3) === 0 ? '' : (rnd.below(40) === 0 ? 'F' : '') + (rnd.below(5) === 0 ? 'R' : '') + 'S';
  return { raw, date, flags };
}

const picture = landscape(60, 40);

function writeRange({ dir, from, to, total, now }) {
  const lines = [];
  for (let i = from; i <= to; i += 1) {
    const { raw, date, flags } = build(i, total, now);
    const seconds = Math.floor(date.getTime() / 1000);
    let size = raw.length;
    for (let at = raw.indexOf(10); at >= 0; at = raw.indexOf(10, at + 1)) size += 1;
    const base = `${seconds}.M${i}P1.stand,S=${raw.length},W=${size}`;
    const fd = openSync(join(dir, `${base}:2,${flags}`), 'w', 0o600);
    writeSync(fd, raw);
    futimesSync(fd, seconds, seconds);
    closeSync(fd);
    lines.push(`${i} :${base}\n`);
    if (i % 2000 === 0) parentPort.postMessage({ done: 2000 });
  }
  parentPort.postMessage({ lines: lines.join('') });
}

async function main() {
  const [stand, count] = process.argv.slice(2);
  const total = Number(count);
  becomeMailUser(stand);
  const home = join(stand, 'mail', 'posthorn.example', 'bulk');
  rmSync(home, { recursive: true, force: true });
  const dir = join(home, 'mail', 'INBOX');
  for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(dir, sub), { recursive: true, mode: 0o700 });
  const control = join(home, 'control', 'INBOX');
  mkdirSync(control, { recursive: true, mode: 0o700 });
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(total / 2000)));
  const per = Math.ceil(total / threads);
  let written = 0;
  const parts = await Promise.all(
    Array.from({ length: threads }, (_, n) => new Promise((resolve, reject) => {
      const range = { dir: join(dir, 'cur'), from: n * per + 1, to: Math.min(total, (n + 1) * per), total, now: Date.now() };
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: range });
      worker.on('error', reject);
      worker.on('message', ({ done, lines }) => {
        if (lines !== undefined) return resolve(lines);
        written += done;
        if (written % 20000 === 0) console.log(`… ${written} of ${total} messages written`);
      });
    })),
  );
  const guid = createHash('md5').update('bulk').digest('hex');
  const head = `3 V${Math.floor(Date.now() / 1000)} N${total + 1} G${guid}\n`;
  writeFileSync(join(control, 'dovecot-uidlist'), head + parts.join(''), { mode: 0o600 });
}

if (isMainThread) await main();
else writeRange(workerData);
