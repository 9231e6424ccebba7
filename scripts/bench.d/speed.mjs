// One person alone: each operation as bare IMAP, as server function and as page.
import { setTimeout as sleep } from 'node:timers/promises';
import { FOLDER_COUNT, FOLDERS, htmlMail, LARGE, plainMail, SMALL } from './people.mjs';
import { Imap, measure, median, now, Person, ROUNDS, WARM_UP } from './client.mjs';

const ITEMS =
  '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT CONTENT-TYPE CONTENT-TRANSFER-ENCODING)] PREVIEW)';
const LIST = 'LIST "" "*" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))';
const OPEN_ITEMS = '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE)';
/** Words of which the subjects of the large mailbox are made; one in ten or so has each. */
const WORDS = 'Angebot Rechnung Termin Bericht Entwurf Frage Antwort Einladung Protokoll report draft meeting notes invoice question plan update budget schedule review photos travel garden music summer winter window bridge river Haus'.split(' ');
/** Hits that a search shows at first. */
const SHOWN_HITS = 200;

const bound = (floor, more = 2) => 1.5 * floor + more;
const row = (operation, floor, posthorn, more) => ({ operation, floor, posthorn, bound: bound(floor, more) });

export async function speed(base) {
  const large = await mailbox(base, LARGE);
  const small = await mailbox(base, SMALL);
  const rows = [];
  const ratios = [];
  await lists(large, small, rows, ratios);
  await opening(large, rows);
  await openingUnread(large, rows);
  await searching(large, rows);
  await sorting(large, rows);
  await folderTree(base, rows);
  await flagging(large, rows);
  await moving(large, rows);
  for (const one of [large, small]) {
    one.floor.end();
    one.person.end();
  }
  return { rows, ratios };
}

async function mailbox(base, who) {
  const floor = await Imap.open(who);
  // How full the mailbox is belongs to the folders where the server offers to tell it.
  const quota = / QUOTA[ \r]/.test(await floor.run('CAPABILITY')) ? ['GETQUOTAROOT INBOX'] : [];
  const { exists, validity } = await floor.select('INBOX');
  return { floor, exists, validity, tree: [LIST, ...quota], person: await Person.signIn(base, who) };
}

const page = (exists, number) => `${Math.max(1, exists - 50 * number + 1)}:${exists - 50 * (number - 1)}`;
const count = (n) => n.toLocaleString('en-GB');

async function lists(large, small, rows, ratios) {
  const newest = ({ floor, exists }) => () => floor.run(`FETCH ${page(exists, 1)} ${ITEMS}`);
  const whole = ({ floor, exists, tree }, number = 1) => () => floor.run(...tree, `FETCH ${page(exists, number)} ${ITEMS}`);
  const ask = ({ person, exists }) => () => person.call('rows', { folder: 'INBOX', first: Math.max(1, exists - 49), last: exists });
  const far = Math.min(1000, Math.floor(large.exists / 50));
  const found = await measure({
    small: newest(small),
    smallCall: ask(small),
    smallWhole: whole(small),
    smallPage: () => small.person.get('/mail/INBOX'),
    large: newest(large),
    largeCall: ask(large),
    largeWhole: whole(large),
    largePage: () => large.person.get('/mail/INBOX'),
    far: () => large.floor.run(`FETCH ${page(large.exists, far)} ${ITEMS}`),
    farCall: () => large.person.call('window', { folder: 'INBOX', page: far }),
    farWhole: whole(large, far),
    farPage: () => large.person.get(`/mail/INBOX?page=${far}`),
  });
  for (const [name, what] of [
    ['large', `newest 50 of ${count(large.exists)}`],
    ['small', `newest 50 of ${count(small.exists)}`],
    ['far', `page ${count(far)} of ${count(large.exists)}`],
  ]) {
    rows.push(row(`${what}: rows`, found[name], found[`${name}Call`]));
    rows.push(row(`${what}: page`, found[`${name}Whole`], found[`${name}Page`]));
  }
  const among = `${count(large.exists)} beside ${count(small.exists)}`;
  ratios.push({ what: `page of the newest 50, ${among}`, value: found.largePage / found.smallPage, bound: 1.2 });
  ratios.push({ what: `rows of the newest 50, ${among}`, value: found.largeCall / found.smallCall, bound: 1.2 });
  ratios.push({ what: `page ${count(far)} beside page 1`, value: found.farPage / found.largePage, bound: 1.2 });
}

async function opening({ floor, person, exists, validity, tree }, rows) {
  const plain = await floor.append('INBOX', plainMail());
  const rich = await floor.append('INBOX', htmlMail());
  await floor.run('NOOP');
  const list = `FETCH ${page(exists + 2, 1)} ${ITEMS}`;
  const mails = [
    ['10 kB of plain text', plain, 'BODY.PEEK[1.MIME] BODY.PEEK[1]'],
    ['multipart with HTML', rich, 'BODY.PEEK[1.1.2.MIME] BODY.PEEK[1.1.2] BODY.PEEK[1.2.MIME] BODY.PEEK[1.2]'],
  ];
  for (const [what, uid, parts] of mails) {
    const address = `/mail/INBOX/${uid}`;
    const open = `UID FETCH ${uid} ${OPEN_ITEMS}`;
    const found = await measure({
      open: () => floor.run(open),
      openCall: () => person.call('message', { folder: 'INBOX', uid, uid_validity: validity, headers: false }),
      body: () => floor.run(`UID FETCH ${uid} (UID RFC822.SIZE ${parts})`),
      bodyPage: () => person.get(`${address}/body?v=${validity}`),
      whole: () => floor.run(open, ...tree, list),
      wholePage: () => person.get(`${address}?v=${validity}`),
    });
    rows.push(row(`open a mail, ${what}: header and structure`, found.open, found.openCall));
    rows.push(row(`open a mail, ${what}: body document`, found.body, found.bodyPage));
    rows.push(row(`open a mail, ${what}: page with list and folders`, found.whole, found.wholePage));
  }
}

// As a click does it: header and text are asked for at the same time, and the mail is read then. That flag is not measured,
// but must not be in the way of the text.
async function openingUnread({ floor, person, exists, validity }, rows) {
  const span = `${exists - 150}:${exists - 101}`;
  const fetched = await floor.run(`FETCH ${span} (UID)`);
  const mails = [...fetched.matchAll(/UID (\d+)/g)].map((found) => found[1]).slice(0, ROUNDS + WARM_UP);
  const each = async (read, flag) => {
    await floor.run(`STORE ${span} -FLAGS.SILENT (\\Seen)`);
    await sleep(1500);
    const times = [];
    for (const uid of mails) {
      const start = now();
      await read(uid);
      times.push(now() - start);
      await flag(uid);
      // Whoever reads on has read this first.
      await sleep(400);
    }
    return median(times.slice(WARM_UP));
  };
  const bare = await each(
    (uid) => floor.run(`UID FETCH ${uid} ${OPEN_ITEMS}`, `UID FETCH ${uid} (UID RFC822.SIZE BODY.PEEK[1.MIME] BODY.PEEK[1])`),
    (uid) => floor.run(`UID STORE ${uid} +FLAGS.SILENT (\\Seen)`),
  );
  const call = await each(
    (uid) => Promise.all([
      person.call('message', { folder: 'INBOX', uid, uid_validity: validity, headers: false }),
      person.get(`/mail/INBOX/${uid}/body?v=${validity}`),
    ]),
    () => undefined,
  );
  rows.push(row(`open an unread mail of ${count(exists)}: header and text`, bare, call));
}

/** The UIDs of a SEARCH or SORT, as they were told. */
const uids = (answer) => /\* (?:SEARCH|SORT)([\d ]*)/.exec(answer)[1].trim().split(' ').filter(Boolean);

async function searching({ floor, person, exists }, rows) {
  for (const [what, term] of [
    ['a word that one in ten has', (round) => WORDS[round % WORDS.length]],
    ['a number that hardly one has', (round) => String(Math.floor(exists / 2) + 37 * round)],
  ]) {
    const found = await measure({
      floor: async (round) => {
        const hits = uids(await floor.run(`UID SEARCH SUBJECT "${term(round)}"`)).reverse().slice(0, SHOWN_HITS);
        if (hits.length > 0) await floor.run(`UID FETCH ${hits.join(',')} ${ITEMS}`);
      },
      posthorn: async (round) => ({ times: await person.search({ query: `subject:${term(round)}` }) }),
    });
    rows.push({ operation: `search ${count(exists)} by subject, ${what}: first hits`, floor: found.floor, posthorn: found['posthorn.first'], bound: 150 });
    rows.push({ operation: `search ${count(exists)} by subject, ${what}: whole`, floor: found.floor, posthorn: found['posthorn.whole'], bound: 1.2 * found.floor });
  }
}

async function sorting({ floor, person, exists }, rows) {
  // Posthorn keeps an order once it has it: each round asks for another, which happens to have the same messages.
  const fields = (round) => ({ folder: 'INBOX', page: 1, 'listing[sort]': 'Date', 'listing[query]': `larger:${round + 1}` });
  let first;
  const found = await measure({
    floor: async (round) => {
      first = uids(await floor.run(`UID SORT (DATE) UTF-8 LARGER ${round + 1}`)).reverse().slice(0, 50);
      await floor.run(`UID FETCH ${first.join(',')} ${ITEMS}`);
    },
    call: (round) => person.call('window', fields(round)),
    again: () => floor.run(`UID FETCH ${first.join(',')} ${ITEMS}`),
    againCall: (round) => person.call('window', fields(round)),
  });
  rows.push(row(`sort ${count(exists)} by date, the first time: rows`, found.floor, found.call));
  rows.push(row(`sort ${count(exists)} by date, again: rows`, found.again, found.againCall));
}

async function folderTree(base, rows) {
  const { floor, person, exists, tree } = await mailbox(base, FOLDERS);
  const found = await measure({
    floor: () => floor.run(...tree),
    call: () => person.call('folders'),
    whole: () => floor.run(...tree, `FETCH ${page(exists, 1)} ${ITEMS}`),
    wholePage: () => person.get('/mail/INBOX'),
  });
  rows.push(row(`${FOLDER_COUNT} folders with counts: tree`, found.floor, found.call));
  rows.push(row(`${FOLDER_COUNT} folders with counts: page`, found.whole, found.wholePage));
  floor.end();
  person.end();
}

/** Medians of two works that go to and fro, one after the other. */
async function toAndFro(to, fro) {
  const times = { to: [], fro: [] };
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    for (const [name, work] of Object.entries({ to, fro })) {
      const start = now();
      await work();
      if (round >= WARM_UP) times[name].push(now() - start);
    }
  }
  return { to: median(times.to), fro: median(times.fro) };
}

// What changes something is not measured in turns: each connection would hear of what the other did.
async function flagging({ floor, person, exists, validity }, rows) {
  const uid = /UID (\d+)/.exec(await floor.run(`FETCH ${exists - 20} (UID)`))[1];
  // By turns on two connections, as Posthorn has them: on one alone, Dovecot reads its directory again after each change.
  const other = await Imap.open(LARGE);
  await other.select('INBOX');
  const bare = await toAndFro(
    () => floor.run(`UID STORE ${uid} +FLAGS.SILENT (\\Flagged)`),
    () => other.run(`UID STORE ${uid} -FLAGS.SILENT (\\Flagged)`),
  );
  other.end();
  const change = (name) => () => person.call('change_many', { folder: 'INBOX', uid_validity: validity, set: uid, change: name });
  const call = await toAndFro(change('star'), change('unstar'));
  rows.push(row(`flag a mail of ${count(exists)}`, bare.to, call.to));
  rows.push(row('take the flag away', bare.fro, call.fro));
}

async function moving({ floor, person, exists, validity }, rows) {
  const archive = await Imap.open(LARGE);
  await archive.select('Archive');
  let uid = /UID (\d+)/.exec(await floor.run(`FETCH ${exists - 30} (UID)`))[1];
  const there = (answer) => /COPYUID \d+ \d+ (\d+)/.exec(answer)[1];
  // Both folders are open, on a connection each; each looks first for what the other one did.
  const bare = await toAndFro(
    async () => {
      await floor.run('NOOP');
      uid = there(await floor.run(`UID MOVE ${uid} Archive`));
    },
    async () => {
      await archive.run('NOOP');
      uid = there(await archive.run(`UID MOVE ${uid} INBOX`));
    },
  );
  archive.end();
  let place = { folder: 'INBOX', uid_validity: validity, set: uid };
  const move = (target) => async () => {
    const answer = await person.call('change_many', { ...place, change: 'move', target });
    place = JSON.parse(answer.text()).relocated;
  };
  const call = await toAndFro(move('Archive'), move('INBOX'));
  rows.push(row(`move a mail of ${count(exists)} to another folder`, bare.to, call.to));
  rows.push(row('move it back', bare.fro, call.fro));
}
