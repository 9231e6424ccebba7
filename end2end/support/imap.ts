// A small IMAP client, independent of the product's, with which tests prepare a mailbox and look at what has become of
// it at the server. It knows the few commands they need (RFC 9051, and LITERAL+ of RFC 7888, which Dovecot has).
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import type { Person } from './people.ts';

/** One untagged answer: its text with each literal as `{n}`, and the literals. */
interface Answer {
  text: string;
  literals: Buffer[];
}

/** A message as the server has it. */
export interface Stored {
  uid: number;
  flags: string[];
  raw: Buffer;
}

/** The folders that a mailbox of the stand always has. */
const STANDING = ['INBOX', 'Drafts', 'Sent', 'Archive', 'Junk', 'Trash'];

export class Imap {
  private received: Buffer = Buffer.alloc(0);
  private wake: (() => void) | undefined;
  private closed = false;
  private count = 0;
  private selected = '';

  private constructor(private readonly socket: TLSSocket) {
    const wake = () => this.wake?.();
    socket.on('data', (piece: Buffer) => {
      this.received = Buffer.concat([this.received, piece]);
      wake();
    });
    for (const event of ['close', 'error']) {
      socket.on(event, () => {
        this.closed = true;
        wake();
      });
    }
  }

  /** Connects to the stand's server and signs in. */
  static async open(person: Person): Promise<Imap> {
    const url = new URL(process.env.POSTHORN_IMAP_URL ?? '');
    const file = process.env.POSTHORN_CA_FILE;
    const socket = connect({
      host: url.hostname,
      port: Number(url.port || 993),
      ca: file ? readFileSync(file) : undefined,
    });
    const imap = new Imap(socket);
    await imap.line();
    await imap.run('LOGIN ', Buffer.from(person.address), ' ', Buffer.from(person.password));
    return imap;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends a command, buffers as literals, and returns its untagged answers. */
  async run(...pieces: (string | Buffer)[]): Promise<Answer[]> {
    this.count += 1;
    const tag = `t${this.count}`;
    const octets = pieces.map((piece) =>
      typeof piece === 'string' ? Buffer.from(piece) : Buffer.concat([Buffer.from(`{${piece.length}+}\r\n`), piece]),
    );
    this.socket.write(Buffer.concat([Buffer.from(`${tag} `), ...octets, Buffer.from('\r\n')]));
    const answers: Answer[] = [];
    for (;;) {
      const answer = await this.line();
      if (!answer.text.startsWith(`${tag} `)) {
        answers.push(answer);
      } else if (answer.text.startsWith(`${tag} OK`)) {
        return [...answers, answer];
      } else {
        throw new Error(`IMAP: ${String(pieces[0])}: ${answer.text}`);
      }
    }
  }

  private async line(): Promise<Answer> {
    const answer: Answer = { text: '', literals: [] };
    for (;;) {
      const end = await this.find();
      const text = this.received.subarray(0, end).toString();
      this.received = this.received.subarray(end + 2);
      answer.text += text;
      const size = /\{(\d+)\}$/.exec(text)?.[1];
      if (size === undefined) return answer;
      while (this.received.length < Number(size)) await this.more();
      answer.literals.push(Buffer.from(this.received.subarray(0, Number(size))));
      this.received = this.received.subarray(Number(size));
    }
  }

  private async find(): Promise<number> {
    for (;;) {
      const end = this.received.indexOf('\r\n');
      if (end >= 0) return end;
      await this.more();
    }
  }

  private async more(): Promise<void> {
    if (this.closed) throw new Error('IMAP: the connection has ended');
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private async select(folder: string): Promise<void> {
    if (this.selected === folder) {
      await this.run('NOOP');
      return;
    }
    await this.run('SELECT ', mailbox(folder));
    this.selected = folder;
  }

  /** All folders' names. */
  async folders(): Promise<string[]> {
    const answers = await this.run('LIST "" "*"');
    return answers
      .filter((answer) => answer.text.startsWith('* LIST'))
      .map((answer) => {
        if (answer.literals[0]) return decodeName(answer.literals[0].toString());
        const name = /^\* LIST \([^)]*\) (?:"[^"]*"|NIL) (.*)$/.exec(answer.text)?.[1] ?? '';
        return decodeName(name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);
      });
  }

  /**
   * Makes a folder and sees to it that it is listed: where another connection changes folders in the same moment, Dovecot
   * may leave it out of its list until somebody runs into it.
   */
  async create(folder: string): Promise<void> {
    await this.run('CREATE ', mailbox(folder));
    await this.run('SUBSCRIBE ', mailbox(folder));
    for (let tries = 0; !(await this.folders()).includes(folder); tries++) {
      if (tries === 5) throw new Error(`IMAP: ${folder} was made and is not listed`);
      await this.run('CREATE ', mailbox(folder)).catch(() => undefined);
    }
  }

  async uidValidity(folder: string): Promise<number> {
    const answers = await this.run('STATUS ', mailbox(folder), ' (UIDVALIDITY)');
    return Number(/UIDVALIDITY (\d+)/.exec(answers[0]?.text ?? '')?.[1]);
  }

  /** Stores a message; its UID. */
  async append(folder: string, raw: Buffer, flags: string[] = []): Promise<number> {
    const answers = await this.run('APPEND ', mailbox(folder), ` (${flags.join(' ')}) `, raw);
    return Number(/APPENDUID \d+ (\d+)/.exec(answers.at(-1)?.text ?? '')?.[1]);
  }

  /** Stores many messages with one command each, which are not waited for one by one. */
  async appendAll(folder: string, mails: Buffer[], flags: string[] = []): Promise<void> {
    for (const raw of mails) await this.append(folder, raw, flags);
  }

  /** The messages of a folder, without marking them as read. */
  async messages(folder: string): Promise<Stored[]> {
    await this.select(folder);
    const answers = await this.run('UID FETCH 1:* (UID FLAGS BODY.PEEK[])');
    return answers
      .filter((answer) => /^\* \d+ FETCH \(.*BODY\[\]/.test(answer.text))
      .map((answer) => ({
        uid: Number(/UID (\d+)/.exec(answer.text)?.[1]),
        flags: flagsOf(answer.text),
        raw: answer.literals[0] ?? Buffer.from(''),
      }));
  }

  /** One part of a message, still encoded. */
  async part(folder: string, uid: number, part: string): Promise<Buffer> {
    await this.select(folder);
    const answers = await this.run(`UID FETCH ${uid} (BODY.PEEK[${part}])`);
    const answer = answers.find((known) => known.text.includes(`BODY[${part}]`));
    return answer?.literals[0] ?? Buffer.from(/"(.*)"\)$/.exec(answer?.text ?? '')?.[1] ?? '');
  }

  async flags(folder: string, uid: number): Promise<string[]> {
    await this.select(folder);
    const answers = await this.run(`UID FETCH ${uid} (FLAGS)`);
    return flagsOf(answers.find((answer) => answer.text.includes(`UID ${uid}`))?.text ?? '');
  }

  async setFlags(folder: string, uids: string, flags: string[], on = true): Promise<void> {
    await this.select(folder);
    await this.run(`UID STORE ${uids} ${on ? '+' : '-'}FLAGS.SILENT (${flags.join(' ')})`);
  }

  /** Empties the mailbox and removes the person's own folders. */
  async reset(): Promise<void> {
    const own: string[] = [];
    for (const folder of await this.folders()) {
      if (!STANDING.includes(folder)) {
        own.push(folder);
        continue;
      }
      this.selected = '';
      await this.select(folder);
      await this.run('STORE 1:* +FLAGS.SILENT (\\Deleted)').catch(() => undefined);
      await this.run('EXPUNGE');
    }
    if (own.length > 0) {
      this.selected = '';
      await this.select('INBOX');
    }
    for (const folder of own.sort().reverse()) await this.run('DELETE ', mailbox(folder)).catch(() => undefined);
  }

  /** Removes a message. */
  async expunge(folder: string, uid: number): Promise<void> {
    await this.setFlags(folder, String(uid), ['\\Deleted']);
    await this.run('EXPUNGE');
  }
}

function flagsOf(text: string): string[] {
  return (/FLAGS \(([^)]*)\)/.exec(text)?.[1] ?? '').split(' ').filter(Boolean);
}

/** A folder's name as a literal in modified UTF-7 (RFC 3501, section 5.1.3). */
function mailbox(name: string): Buffer {
  const coded = name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const octets = Buffer.from(run, 'utf16le').swap16();
    return `&${octets.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
  return Buffer.from(coded);
}

function decodeName(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, coded: string) =>
    coded === '' ? '&' : Buffer.from(coded.replaceAll(',', '/'), 'base64').swap16().toString('utf16le'),
  );
}
