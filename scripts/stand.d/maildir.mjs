// Writes mailboxes in the layout that the stand's Dovecot uses (Maildir, LAYOUT=fs, UTF-8 names, control files and
// indexes apart), uidlist included: so every message has a known UID, and a hundred thousand take seconds.
import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, openSync, writeSync, closeSync, futimesSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// Dovecot runs as the mail user when the stand was started by root: what is written must belong to that user.
export function becomeMailUser(stand) {
  if (process.getuid() !== 0) return;
  const uid = Number(process.env.STAND_MAIL_UID);
  const gid = Number(process.env.STAND_MAIL_GID);
  if (!uid || !gid) throw new Error('STAND_MAIL_UID and STAND_MAIL_GID must be set (scripts/stand does it)');
  mkdirSync(join(stand, 'mail'), { recursive: true });
  chownSync(join(stand, 'mail'), uid, gid);
  process.setgroups([]);
  process.setgid(gid);
  process.setuid(uid);
}

const flagLetters = { draft: 'D', flagged: 'F', answered: 'R', seen: 'S', deleted: 'T' };

export class Account {
  constructor(stand, address) {
    const [user, domain] = address.split('@');
    this.address = address;
    this.home = join(stand, 'mail', domain, user);
    this.folders = new Map();
    this.subscribed = new Set(['Drafts', 'Sent', 'Archive', 'Junk', 'Trash']);
    rmSync(this.home, { recursive: true, force: true });
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    for (const name of ['INBOX', ...this.subscribed]) this.folder(name);
  }

  folder(name, { subscribe = true } = {}) {
    let folder = this.folders.get(name);
    if (!folder) {
      const dir = join(this.home, 'mail', name);
      for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(dir, sub), { recursive: true, mode: 0o700 });
      folder = { name, dir, lines: [], keywords: [] };
      this.folders.set(name, folder);
      if (subscribe && name !== 'INBOX') this.subscribed.add(name);
    }
    return folder;
  }

  // raw: the message as bytes; date: when it arrived; flags: see flagLetters, others become keywords.
  add(name, raw, { date = new Date(), flags = [] } = {}) {
    const folder = this.folder(name);
    const uid = folder.lines.length + 1;
    const seconds = Math.floor(date.getTime() / 1000);
    const base = `${seconds}.M${String(uid).padStart(6, '0')}P1.stand,S=${raw.length},W=${virtualSize(raw)}`;
    const letters = flags.map((flag) => flagLetters[flag] ?? keywordLetter(folder, flag)).sort().join('');
    const fd = openSync(join(folder.dir, 'cur', `${base}:2,${letters}`), 'w', 0o600);
    writeSync(fd, raw);
    futimesSync(fd, seconds, seconds);
    closeSync(fd);
    folder.lines.push(`${uid} :${base}`);
    return uid;
  }

  close() {
    const validity = Math.floor(Date.now() / 1000) - 1000;
    let n = 0;
    for (const folder of this.folders.values()) {
      const control = join(this.home, 'control', folder.name);
      const guid = createHash('md5').update(`${this.address}/${folder.name}`).digest('hex');
      mkdirSync(control, { recursive: true, mode: 0o700 });
      n += 1;
      const head = `3 V${validity + n} N${folder.lines.length + 1} G${guid}`;
      writeFileSync(join(control, 'dovecot-uidlist'), [head, ...folder.lines, ''].join('\n'), { mode: 0o600 });
      if (folder.keywords.length > 0) {
        writeFileSync(join(control, 'dovecot-keywords'), folder.keywords.map((word, i) => `${i} ${word}\n`).join(''));
      }
    }
    writeFileSync(join(this.home, 'control', 'subscriptions'), subscriptions(this.subscribed), { mode: 0o600 });
  }
}

// The second version of Dovecot's file: levels are parted by tabs.
function subscriptions(names) {
  return 'V\t2\n\n' + [...names].map((name) => name.split('/').join('\t') + '\n').join('');
}

function keywordLetter(folder, word) {
  let index = folder.keywords.indexOf(word);
  if (index < 0) index = folder.keywords.push(word) - 1;
  return String.fromCharCode(97 + index);
}

// The size with CR LF at every line's end.
function virtualSize(raw) {
  let size = raw.length;
  for (let at = raw.indexOf(10); at >= 0; at = raw.indexOf(10, at + 1)) {
    if (at === 0 || raw[at - 1] !== 13) size += 1;
  }
  return size;
}
