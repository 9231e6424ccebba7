// The same operations in Roundcube, for comparison: scripts/roundcube runs it on the same mailboxes, if it was fetched.
import http from 'node:http';
import { FOLDERS, htmlMail, LARGE, plainMail } from './people.mjs';
import { Imap, measure, median, now, ROUNDS, WARM_UP } from './client.mjs';

/** A person at Roundcube, by the requests that its page makes. */
class Visitor {
  #jar = new Map();
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #token = '';

  static async signIn(base, { user, password }) {
    const visitor = new Visitor();
    visitor.base = new URL(base);
    const form = await visitor.#send('GET', '?_task=login');
    const token = /name="_token" value="([^"]*)"/.exec(form.text)?.[1] ?? '';
    const fields = { _token: token, _task: 'login', _action: 'login', _timezone: 'UTC', _url: '', _user: user, _pass: password };
    const signedIn = await visitor.#send('POST', '?_task=login', fields);
    if (signedIn.status !== 302) throw new Error(`${user} cannot sign in to Roundcube: ${signedIn.status}`);
    const page = await visitor.page('INBOX');
    visitor.#token = /"request_token":"([^"]*)"/.exec(page)[1];
    return visitor;
  }

  #send(method, query, fields, headers = {}) {
    const body = fields && new URLSearchParams(fields).toString();
    const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { host: this.base.host, ...(cookie && { cookie }), ...(body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }), ...headers };
    return new Promise((resolve, reject) => {
      const call = http.request({ host: this.base.hostname, port: this.base.port, method, path: `/${query}`, headers: all, agent: this.#agent }, (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          this.#jar.set(name, value);
        }
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  async #ok(method, query, fields, headers) {
    const { status, text } = await this.#send(method, query, fields, headers);
    if (status !== 200) throw new Error(`Roundcube, ${query}: ${status} ${text.slice(0, 200)}`);
    return text;
  }

  page(folder) {
    return this.#ok('GET', `?_task=mail&_mbox=${folder}`);
  }

  open(folder, uid) {
    return this.#ok('GET', `?_task=mail&_action=show&_mbox=${folder}&_uid=${uid}&_safe=0`);
  }

  ask(action, query) {
    return this.#ok('GET', `?_task=mail&_action=${action}&_remote=1&${query}`, undefined, { 'x-requested-with': 'XMLHttpRequest', 'x-roundcube-request': this.#token });
  }

  act(action, fields) {
    return this.#ok('POST', `?_task=mail&_action=${action}`, { ...fields, _remote: 1 }, { 'x-requested-with': 'XMLHttpRequest', 'x-roundcube-request': this.#token });
  }

  end() {
    this.#agent.destroy();
  }
}

async function alternating(to, fro) {
  const times = { to: [], fro: [] };
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    for (const [name, work] of [['to', to], ['fro', fro]]) {
      const start = now();
      await work();
      if (round >= WARM_UP) times[name].push(now() - start);
    }
  }
  return median(times.to);
}

/** Medians by operation. */
export async function roundcube(base) {
  const imap = await Imap.open(LARGE);
  const plain = await imap.append('INBOX', plainMail());
  const rich = await imap.append('INBOX', htmlMail());
  const { exists } = await imap.select('INBOX');
  const uid = /UID (\d+)/.exec(await imap.run(`FETCH ${exists - 40} (UID)`))[1];
  const visitor = await Visitor.signIn(base, LARGE);
  const folders = await Visitor.signIn(base, FOLDERS);
  const far = Math.min(1000, Math.floor(exists / 50));
  const found = await measure({
    list: () => visitor.ask('list', '_mbox=INBOX&_page=1'),
    page: () => visitor.page('INBOX'),
    far: () => visitor.ask('list', `_mbox=INBOX&_page=${far}`),
    plain: () => visitor.open('INBOX', plain),
    rich: () => visitor.open('INBOX', rich),
    search: (round) => visitor.ask('search', `_mbox=INBOX&_headers=subject&_scope=base&_q=${Math.floor(exists / 2) + 37 * round}`),
    tree: () => folders.page('INBOX'),
  });
  const mark = (flag) => () => visitor.act('mark', { _mbox: 'INBOX', _uid: uid, _flag: flag });
  found.flag = await alternating(mark('flagged'), mark('unflagged'));
  let there = uid;
  const archive = await Imap.open(LARGE);
  await archive.select('Archive');
  // Dovecot answers a NOOP after a FETCH behind it: one after the other.
  const last = async (connection) => {
    await connection.run('NOOP');
    return /UID (\d+)/.exec(await connection.run('FETCH * (UID)'))[1];
  };
  const times = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const start = now();
    await visitor.act('move', { _mbox: 'INBOX', _uid: there, _target_mbox: 'Archive' });
    if (round >= WARM_UP) times.push(now() - start);
    await archive.run(`UID MOVE ${await last(archive)} INBOX`);
    there = await last(imap);
  }
  found.move = median(times);
  for (const one of [imap, archive, visitor, folders]) one.end();
  return { times: found, far, exists };
}
