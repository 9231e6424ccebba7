// What the parts of the bench measure with: a bare IMAP connection, an HTTP client with one connection a person, medians,
// and what processes cost.
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import tls from 'node:tls';

/** Rounds that count, and rounds before them that do not. */
export const ROUNDS = 25;
export const WARM_UP = 5;

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const now = () => Number(process.hrtime.bigint()) / 1e6;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Medians in milliseconds of several works, by name. In each round all have their turn, so that what else the machine does
 * meets all of them. A work may return its own times, by name, instead of being timed as a whole.
 */
export async function measure(works, rounds = ROUNDS) {
  const times = new Map();
  const add = (name, ms) => times.set(name, [...(times.get(name) ?? []), ms]);
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const start = now();
      const own = await work(round);
      const whole = now() - start;
      if (round < WARM_UP) continue;
      if (own?.times) for (const [part, ms] of Object.entries(own.times)) add(`${name}.${part}`, ms);
      else add(name, whole);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

/** Runs `work` for each of the items, so many at a time. */
export async function each(items, atOnce, work) {
  const queue = [...items];
  const one = async () => {
    while (queue.length > 0) await work(queue.shift());
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** A bare IMAP connection: commands of a round are written at once and read until the last is answered. */
export class Imap {
  #socket;
  #number = 0;
  #text = '';
  #wake = () => {};

  static async open({ user, password }) {
    const imap = new Imap();
    const { hostname, port } = new URL(process.env.POSTHORN_IMAP_URL.replace('imaps:', 'https:'));
    imap.#socket = tls.connect({ host: hostname, port, servername: hostname, ca: readFileSync(process.env.POSTHORN_CA_FILE) });
    imap.#socket.setEncoding('latin1');
    imap.#socket.setNoDelay(true);
    imap.#socket.on('data', (data) => {
      imap.#text += data;
      imap.#wake();
    });
    await new Promise((resolve, reject) => imap.#socket.once('secureConnect', resolve).once('error', reject));
    for (const over of ['error', 'close']) imap.#socket.on(over, () => imap.#wake());
    await imap.run(`LOGIN ${user} ${password}`);
    return imap;
  }

  async run(...commands) {
    this.#text = '';
    const first = this.#number + 1;
    this.#number += commands.length;
    this.#socket.write(commands.map((command, i) => `A${first + i} ${command}\r\n`).join(''), 'latin1');
    // Dovecot may answer commands of one round in another order.
    const tags = commands.map((_, i) => `A${first + i} `);
    const answered = (tag) => this.#text.startsWith(tag) || this.#text.includes(`\r\n${tag}`);
    while (!(/(?:^|\r\n)A\d+ [^\r]*\r\n$/.test(this.#text.slice(-1000)) && tags.every(answered))) {
      if (this.#socket.destroyed) throw new Error('the IMAP connection broke');
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    tags.forEach((tag, i) => {
      if (!this.#text.includes(`${tag}OK`)) throw new Error(`${commands[i].slice(0, 100)}: ${this.#text.slice(-300)}`);
    });
    return this.#text;
  }

  /** Opens a folder: how many messages it has, and its UIDVALIDITY. */
  async select(folder) {
    const answer = await this.run(`SELECT "${folder}"`);
    return { exists: Number(/\* (\d+) EXISTS/.exec(answer)[1]), validity: Number(/UIDVALIDITY (\d+)/.exec(answer)[1]) };
  }

  /** Stores a message, and returns its UID. */
  async append(folder, raw, flags = '\\Seen') {
    const text = Buffer.from(raw).toString('latin1').replace(/\r?\n/g, '\r\n');
    const answer = await this.run(`APPEND "${folder}" (${flags}) {${text.length}+}\r\n${text}`);
    return Number(/APPENDUID \d+ (\d+)/.exec(answer)[1]);
  }

  end() {
    this.#socket.destroy();
  }
}

/** A person at Posthorn: a connection that is kept, and a cookie. */
export class Person {
  #cookie = '';
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #streams = [];

  constructor(base) {
    this.base = new URL(base);
  }

  static async signIn(base, { user, password }) {
    const person = new Person(base);
    const { headers, text, status } = await person.#send('POST', '/api/sign_in', new URLSearchParams({ address: user, password, next: '' }));
    const cookie = (headers['set-cookie'] ?? []).find((value) => value.startsWith('posthorn='));
    if (!cookie) throw new Error(`${user} cannot sign in: ${status} ${text().slice(0, 200)}`);
    person.#cookie = cookie.split(';')[0];
    return person;
  }

  #send(method, path, body, { accept = 'application/json', type = 'application/x-www-form-urlencoded', agent = this.#agent, keep = true, onHead, onData } = {}) {
    const headers = { accept, host: this.base.host, 'sec-fetch-site': 'same-origin' };
    if (this.#cookie) headers.cookie = this.#cookie;
    const content = body === undefined ? undefined : Buffer.from(body.toString());
    if (content) Object.assign(headers, { origin: this.base.origin, 'content-type': type, 'content-length': content.length });
    return new Promise((resolve, reject) => {
      const call = http.request({ host: this.base.hostname, port: this.base.port, method, path, headers, agent }, (answer) => {
        const chunks = [];
        onHead?.(answer);
        answer.on('data', (data) => {
          onData?.(data);
          if (keep) chunks.push(data);
        });
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: () => Buffer.concat(chunks).toString() }));
      });
      call.on('error', reject);
      call.end(content);
    });
  }

  async #ok(what, sent) {
    const answer = await sent;
    if (answer.status !== 200) throw new Error(`${what}: ${answer.status} ${answer.text().slice(0, 200)}`);
    return answer;
  }

  /** A page or another document. */
  get(path) {
    return this.#ok(path, this.#send('GET', path, undefined, { accept: 'text/html' }));
  }

  /** A file, which is counted and thrown away: how many octets it has. */
  async drain(path) {
    let octets = 0;
    const onData = (data) => {
      octets += data.length;
    };
    await this.#ok(path, this.#send('GET', path, undefined, { accept: '*/*', keep: false, onData }));
    return octets;
  }

  /** A server function. */
  call(name, fields = {}) {
    return this.#ok(name, this.#send('POST', `/api/${name}`, new URLSearchParams(fields)));
  }

  /** A search: when its first hits came and when its end, in milliseconds. */
  async search(listing, folder = 'INBOX') {
    const start = now();
    let first;
    const onData = (data) => {
      if (first === undefined && data.includes('"Hits"')) first = now() - start;
    };
    const body = JSON.stringify({ folder, listing });
    const answer = await this.#ok('search', this.#send('POST', '/api/search', body, { type: 'application/json', onData }));
    const whole = now() - start;
    if (!answer.text().includes('"whole":true')) throw new Error(`the search was not through: ${answer.text().slice(-300)}`);
    return { first: first ?? whole, whole };
  }

  /** Opens the stream of events, and keeps it. */
  listen(folder = 'INBOX') {
    return new Promise((resolve, reject) => {
      const onHead = (answer) => {
        this.#streams.push(answer);
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`events: ${answer.statusCode}`));
      };
      this.#send('GET', `/api/events?folder=${folder}`, undefined, { accept: 'text/event-stream', agent: new http.Agent(), onHead }).catch(() => {});
    });
  }

  end() {
    for (const stream of this.#streams) stream.destroy();
    this.#agent.destroy();
  }
}

/** The process and all its descendants. */
function family(pid) {
  const children = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has just ended.
    }
  }
  const all = [pid];
  for (const one of all) all.push(...(children.get(one) ?? []));
  return all;
}

/** Processor time of a process with its descendants, in seconds. */
export function processorTime(pid) {
  let nanoseconds = 0;
  for (const one of family(pid)) {
    try {
      for (const task of readdirSync(`/proc/${one}/task`)) {
        nanoseconds += Number(readFileSync(`/proc/${one}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
      }
    } catch {
      // It has just ended.
    }
  }
  return nanoseconds / 1e9;
}

/** Resident memory of a process in kB. */
export const memory = (pid) => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** The process id of the stand's Dovecot. */
export const dovecot = () => Number(readFileSync(`${process.env.STAND_DIR}/d/master.pid`, 'utf8'));
