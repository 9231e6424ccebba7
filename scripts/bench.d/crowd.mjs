// Many people at once: those who list and open in a closed loop, and those who are only there.
import { CROWD_SIZE, crowd } from './people.mjs';
import { dovecot, each, Imap, median, memory, Person, processorTime, sleep } from './client.mjs';

const ITEMS =
  '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT CONTENT-TYPE CONTENT-TRANSFER-ENCODING)] PREVIEW)';
const OPEN_ITEMS = '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE)';
/** Seconds of the loop that count, each for itself, and seconds before them. */
const SECONDS = 20;
const FIRST_SECONDS = 3;

/** Runs everybody's loop, and counts what is done in each second and what it costs. */
async function loop(people, server) {
  let done = 0;
  let going = true;
  const loops = people.map(async ({ list, open }) => {
    for (let round = 1; going; round += 1) {
      await list();
      await open((round % CROWD_SIZE) + 1);
      done += 2;
    }
  });
  const seconds = [];
  await sleep(FIRST_SECONDS * 1000);
  const from = { done, dovecot: processorTime(dovecot()), server: processorTime(server), own: process.cpuUsage() };
  for (let second = 0; second < SECONDS; second += 1) {
    const [before, start] = [done, performance.now()];
    await sleep(1000);
    seconds.push(((done - before) / (performance.now() - start)) * 1000);
  }
  const requests = done - from.done;
  const own = process.cpuUsage(from.own);
  const cost = {
    perSecond: median(seconds),
    dovecot: ((processorTime(dovecot()) - from.dovecot) / requests) * 1000,
    posthorn: ((processorTime(server) - from.server) / requests) * 1000,
    client: ((own.user + own.system) / 1000 / requests),
  };
  going = false;
  await Promise.all(loops);
  return cost;
}

/** `count` people list and open in a closed loop, as bare IMAP and by Posthorn's server functions. */
export async function closedLoop(base, server, count) {
  const people = crowd(count);
  const bare = [];
  await each(people, 8, async (one) => {
    const imap = await Imap.open(one);
    const { exists } = await imap.select('INBOX');
    bare.push({
      list: () => imap.run(`FETCH ${exists - 49}:${exists} ${ITEMS}`),
      open: (uid) => imap.run(`UID FETCH ${uid} ${OPEN_ITEMS}`),
      end: () => imap.end(),
    });
  });
  const floor = await loop(bare, server);
  for (const one of bare) one.end();
  const signedIn = [];
  await each(people, 8, async (one) => {
    const person = await Person.signIn(base, one);
    signedIn.push({
      list: () => person.call('window', { folder: 'INBOX', page: 1 }),
      open: (uid) => person.call('message', { folder: 'INBOX', uid, headers: false }),
      end: () => person.end(),
    });
  });
  const posthorn = await loop(signedIn, server);
  for (const one of signedIn) one.end();
  return { people: count, floor, posthorn };
}

/** What the server's memory grows by for each who is signed in and listens for events. */
export async function presence(base, server, count) {
  await sleep(1000);
  const empty = memory(server);
  const people = [];
  await each(crowd(count), 8, async (one) => {
    const person = await Person.signIn(base, one);
    await person.listen();
    people.push(person);
  });
  await sleep(5000);
  const listening = memory(server);
  await each(people, 8, async (person) => {
    await person.call('window', { folder: 'INBOX', page: 1 });
    await person.call('message', { folder: 'INBOX', uid: 7, headers: false });
  });
  await sleep(2000);
  const used = memory(server);
  const churned = await churn(people[0], server);
  for (const person of people) person.end();
  return { people: count, empty, listening: (listening - empty) / count, used: (used - empty) / count, ...churned };
}

/** Flags and arrivals of a day for one of them, in a minute: what it leaves behind. */
async function churn(person, server) {
  const imap = await Imap.open(crowd(1)[0]);
  await imap.select('INBOX');
  const day = async (rounds) => {
    for (let round = 0; round < rounds; round += 1) {
      const uid = await imap.append('INBOX', `Subject: Arrival ${round}\r\nFrom: a@b.example\r\n\r\nText ${round}\r\n`);
      await imap.run('NOOP', `UID STORE ${uid} +FLAGS.SILENT (\\Flagged)`, `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`, `UID EXPUNGE ${uid}`);
      if (round % 10 === 0) await person.call('window', { folder: 'INBOX', page: 1 });
    }
  };
  await day(200);
  await sleep(1000);
  const before = memory(server);
  await day(1000);
  await sleep(1000);
  imap.end();
  return { changes: 4000, grown: memory(server) - before };
}
