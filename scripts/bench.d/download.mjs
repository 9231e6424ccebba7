// A large attachment: how fast it comes beside the bare FETCH of its part, and what Posthorn's memory grows by meanwhile.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { attachment, message, multipart, text } from '../stand.d/mime.mjs';
import { Imap, measure, memory, Person, sleep } from './client.mjs';
import { FILES } from './people.mjs';

const SIZE = 25 << 20;
/** Downloads while the memory is looked at, every so many milliseconds. */
const WATCHED = 5;
const LOOK = 2;
/** Octets in which the tagged response fits, with all capabilities. */
const TAIL = 4000;

function mail() {
  const file = Buffer.alloc(SIZE, 'A file that is large, and says the same all over. ');
  const part = multipart('mixed', [text('Here it is.'), attachment('application/octet-stream', file, 'large.bin')]);
  return message({ from: 'Ida Berg <ida@firma.example>', to: FILES.user, subject: 'A large file', date: new Date(), id: 'file@bench.example' }, part);
}

/** A connection whose answers are counted and thrown away. */
class Counter {
  #socket;
  #number = 0;
  #octets = 0;
  #end = Buffer.alloc(0);
  #wake = () => {};

  static async open({ user, password }) {
    const counter = new Counter();
    const { hostname, port } = new URL(process.env.POSTHORN_IMAP_URL.replace('imaps:', 'https:'));
    counter.#socket = tls.connect({ host: hostname, port, servername: hostname, ca: readFileSync(process.env.POSTHORN_CA_FILE) });
    counter.#socket.on('data', (data) => {
      counter.#octets += data.length;
      counter.#end = data.length < TAIL ? Buffer.concat([counter.#end, data]).subarray(-TAIL) : data.subarray(-TAIL);
      counter.#wake();
    });
    await new Promise((resolve, reject) => counter.#socket.once('secureConnect', resolve).once('error', reject));
    await counter.run(`LOGIN ${user} ${password}`);
    await counter.run('SELECT INBOX');
    return counter;
  }

  /** How many octets the answer had. */
  async run(command) {
    this.#number += 1;
    this.#octets = 0;
    this.#end = Buffer.alloc(0);
    const answered = new RegExp(`(?:^|\r\n)N${this.#number} (OK|NO|BAD)[^\r]*\r\n$`);
    this.#socket.write(`N${this.#number} ${command}\r\n`);
    for (;;) {
      const [, status] = answered.exec(this.#end.toString('latin1')) ?? [];
      if (status === 'OK') return this.#octets;
      if (status || this.#socket.destroyed) throw new Error(`${command}: ${status ?? 'the connection broke'}`);
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end() {
    this.#socket.destroy();
  }
}

/** The most memory in kB that the process has while `work` is done. */
async function peak(pid, work) {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, memory(pid));
  }, LOOK);
  await work();
  clearInterval(timer);
  return Math.max(most, memory(pid));
}

export async function download(base, server) {
  const store = await Imap.open(FILES);
  const { validity } = await store.select('INBOX');
  const uid = await store.append('INBOX', mail());
  store.end();
  const bare = await Counter.open(FILES);
  const person = await Person.signIn(base, FILES);
  // The message is open, as it is for who presses on its attachment.
  await person.get(`/mail/INBOX/${uid}?v=${validity}`);
  await sleep(1000);
  const before = memory(server);
  const get = async () => {
    const octets = await person.drain(`/mail/INBOX/${uid}/attachment/2?v=${validity}`);
    if (octets !== SIZE) throw new Error(`the download had ${octets} octets`);
  };
  const peaks = [];
  for (let round = 0; round < WATCHED; round += 1) peaks.push(await peak(server, get));
  const times = await measure({
    floor: async () => {
      const octets = await bare.run(`UID FETCH ${uid} BODY.PEEK[2]`);
      if (octets < SIZE) throw new Error(`the FETCH had ${octets} octets`);
    },
    posthorn: get,
  });
  bare.end();
  person.end();
  return { ...times, grown: Math.max(...peaks) - before };
}
