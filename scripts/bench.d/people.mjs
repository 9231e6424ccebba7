// Who takes part in the bench besides the stand's own people, and what is in their mailboxes. They are written into the
// stand's list of users, which Dovecot reads anew when it changes; the stand is the bench's own and goes with it.
import { appendFileSync } from 'node:fs';
import { landscape } from '../stand.d/assets.mjs';
import { attachment, html, message, multipart, text } from '../stand.d/mime.mjs';
import { each, Imap } from './client.mjs';

const person = (name) => ({ user: `${name}@posthorn.example`, password: 'bench-secret' });

export const LARGE = { user: 'bulk@posthorn.example', password: 'bulk-secret' };
/** The newest 1,000 of the large mailbox. */
export const SMALL = person('small');
/** A mailbox with 200 folders. */
export const FOLDERS = person('folders');
/** A mailbox with a large file. */
export const FILES = person('files');
export const SMALL_SIZE = 1000;
export const FOLDER_COUNT = 200;
/** What everybody of the crowd has. */
export const CROWD_SIZE = 60;
/** People of the crowd. */
export const crowd = (count) => Array.from({ length: count }, (_, n) => person(`crowd${n + 1}`));

function admit(people) {
  const lines = people.map(({ user, password }) => {
    const secret = Buffer.from(password).toString('base64');
    // Without full-text search, as the large mailbox.
    return `${user}:{PLAIN.B64}${secret}::::::userdb_quota_rule=*:bytes=5G userdb_mail_plugins=quota\n`;
  });
  appendFileSync(`${process.env.STAND_DIR}/users`, lines.join(''));
}

/** The newest messages of the large mailbox, as pieces of an APPEND of many (RFC 3502). */
async function newest(count) {
  const imap = await Imap.open(LARGE);
  const { exists } = await imap.select('INBOX');
  const answer = await imap.run(`FETCH ${Math.max(1, exists - count + 1)}:${exists} (FLAGS INTERNALDATE BODY.PEEK[])`);
  imap.end();
  const head = /\* \d+ FETCH \(FLAGS \(([^)]*)\) INTERNALDATE ("[^"]*") BODY\[\] \{(\d+)\}\r\n/g;
  const messages = [];
  for (let found = head.exec(answer); found; found = head.exec(answer)) {
    const [, flags, date, size] = found;
    const raw = answer.slice(head.lastIndex, head.lastIndex + Number(size));
    head.lastIndex += Number(size);
    messages.push({ flags, date, raw });
  }
  return messages;
}

const many = (messages, flags) =>
  `APPEND INBOX ${messages.map((one) => `(${flags ?? one.flags.replace('\\Recent', '').trim()}) ${one.date} {${one.raw.length}+}\r\n${one.raw}`).join(' ')}`;

/** Fills the mailboxes of the bench. */
export async function furnish(count) {
  const people = crowd(count);
  admit([SMALL, FOLDERS, FILES, ...people]);
  const messages = await newest(SMALL_SIZE);
  const small = await Imap.open(SMALL);
  await small.run(many(messages));
  small.end();
  const same = many(messages.slice(-CROWD_SIZE), '\\Seen');
  await each(people, 8, async (one) => {
    const imap = await Imap.open(one);
    await imap.run(same);
    imap.end();
  });
  await folders(messages.slice(-CROWD_SIZE));
}

async function folders(messages) {
  const imap = await Imap.open(FOLDERS);
  await imap.run(many(messages));
  const names = Array.from({ length: FOLDER_COUNT }, (_, n) => {
    const group = `Group ${Math.floor(n / 10) + 1}`;
    return n % 10 === 0 ? group : `${group}/Folder ${n % 10}`;
  });
  await imap.run(...names.flatMap((name) => [`CREATE "${name}"`, `SUBSCRIBE "${name}"`]));
  const { date, raw } = messages[0];
  await imap.run(...names.map((name) => `APPEND "${name}" () ${date} {${raw.length}+}\r\n${raw}`));
  imap.end();
}

const sentence = 'The boat leaves the landing stage at half past nine and comes back before it gets dark. ';

/** A mail of 10 kB in plain text. */
export function plainMail() {
  const content = Array.from({ length: 118 }, (_, n) => `${n + 1}. ${sentence}`.trim()).join('\n');
  return message({ from: 'Ida Berg <ida@firma.example>', to: LARGE.user, subject: 'Ten kilobytes of text', date: new Date(), id: 'plain@bench.example' }, text(content));
}

/** A newsletter: text and HTML with a style sheet, tables and a picture inside, and an attachment. */
export function htmlMail() {
  const picture = landscape(160, 100);
  const rows = Array.from({ length: 60 }, (_, n) =>
    `<tr class="row"><td style="padding:4px 8px;color:#345"><b>Offer ${n + 1}</b></td><td style="padding:4px 8px">${sentence}<a href="https://shop.example/${n}">more</a></td></tr>`);
  const style = '.row td{border-bottom:1px solid #ddd} h1{font:bold 24px sans-serif;color:#123} body{margin:0;background:#fafafa}';
  const page = `<html><head><style>${style}</style></head><body><h1>Our autumn offers</h1><img src="cid:picture@bench.example" width="160"><table width="600" cellpadding="0">${rows.join('\n')}</table></body></html>`;
  const inside = multipart('related', [
    multipart('alternative', [text(sentence.repeat(30)), html(page)]),
    attachment('image/png', picture, 'boat.png', { disposition: 'inline', id: 'picture@bench.example' }),
  ]);
  const part = multipart('mixed', [inside, attachment('application/octet-stream', Buffer.alloc(30000, 7), 'list.bin')]);
  return message({ from: 'Shop <news@shop.example>', to: LARGE.user, subject: 'Our autumn offers in HTML', date: new Date(), id: 'html@bench.example' }, part);
}
