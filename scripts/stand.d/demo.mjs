// The demo seed: the mailbox of Lena Vogt, an architect in the invented town of Wiesenau, as it may look on a weekday.
// All people, firms and texts are made up for this project; all addresses end in .example. The same in every run but
// for the dates, which count back from the moment of seeding.
import { letters } from './demo-letters.mjs';
import { businessMails } from './demo-business.mjs';
import { worldMails } from './demo-world.mjs';
import { Account } from './maildir.mjs';
import { message, random, text } from './mime.mjs';

export const lena = 'Lena Vogt <demo@posthorn.example>';

// The mails come as { folder, ago (days), flags, id?, ...headers, part }, in any order.
export function seedDemo(stand, now) {
  const account = new Account(stand, 'demo@posthorn.example');
  const rnd = random(20240917);
  const mails = [...letters(lena), ...businessMails(lena), ...worldMails(lena)].map((mail, i) => ({
    ...mail,
    at: new Date(now.getTime() - mail.ago * 86400000 - (mail.ago < 1 || mail.id ? 0 : rnd.below(36000)) * 1000),
    id: mail.id ?? `${(i * 7919 + 104729).toString(36)}.${rnd.below(1e9).toString(36)}@${domainOf(mail.from)}`,
  }));
  for (const name of ['Projekte/Neubau Süd', 'Projekte/Angebote', 'Rechnungen', 'Verein', '日本', 'R&D', 'Haus/Garten/Beete/Hochbeet/Sorten/Tomaten', 'Say "hi"', 'Back\\slash', 'Urlaub 🏖️', 'Leer']) {
    account.folder(name);
  }
  mails.sort((a, b) => a.at - b.at);
  for (const { folder = 'INBOX', flags = [], ago, at, part, ...head } of mails) {
    const body = typeof part === 'function' ? part(at) : part;
    account.add(folder, message({ to: lena, ...head, date: at }, body), { date: at, flags: flags.length || ago < 2 ? flags.filter((f) => f !== 'new') : ['seen'] });
  }
  account.close();
  return mails.length + seedNeighbours(stand, now);
}

// A few mails for the others, so that their mailboxes are not bare.
function seedNeighbours(stand, now) {
  const people = { 'anna@posthorn.example': 'Anna', 'jonas@posthorn.example': 'Jonas', 'maria@zweite.example': 'Maria' };
  for (const [address, name] of Object.entries(people)) {
    const account = new Account(stand, address);
    const date = new Date(now.getTime() - 3600000);
    account.add('INBOX', message({ from: lena, to: address, subject: 'Grillen am Samstag', date, id: `grillen-${address}` }, text(`Hallo ${name},\n\nam Samstag ab fünf bei uns im Garten, du bist herzlich eingeladen!\n\nLena`)), { date });
    account.close();
  }
  return Object.keys(people).length;
}

function domainOf(from) {
  return /@([^>]+)/.exec(from)[1];
}
