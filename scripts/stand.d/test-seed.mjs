// The test seed: a mailbox of which every message is known, for automated tests. Subjects, UIDs and flags here are
// relied on by tests: add at the end of a folder, change nothing.
import { jpeg, landscape, pdf, zip } from './assets.mjs';
import { Account } from './maildir.mjs';
import { attachedMessage, attachment, html, message, multipart, text } from './mime.mjs';
import { oddMessages } from './odd.mjs';

const minute = 60000;
const demo = 'Demo User <demo@posthorn.example>';
const anna = 'Anna Berger <anna@posthorn.example>';
const jonas = 'Jonas Weiß <jonas@posthorn.example>';

export function seedTest(stand, now) {
  const account = new Account(stand, 'demo@posthorn.example');
  let count = 0;
  const add = (folder, minutesAgo, flags, raw) => {
    const date = new Date(now.getTime() - minutesAgo * minute);
    account.add(folder, typeof raw === 'function' ? raw(date) : raw, { date, flags });
    count += 1;
  };
  for (const [minutesAgo, flags, build] of inbox()) add('INBOX', minutesAgo, flags, build);
  for (const [, raw] of oddMessages(now)) add('Odd', 600, [], raw);
  for (let i = 1; i <= 120; i += 1) {
    const n = String(i).padStart(3, '0');
    add('Many', 5000 - i, i <= 110 ? ['seen'] : [], (date) =>
      message({ from: i % 2 ? anna : jonas, to: demo, subject: `Message ${n}`, date, id: `many-${n}@posthorn.example` }, text(`This is message number ${i}.`)),
    );
  }
  add('Drafts', 100, ['draft', 'seen'], (date) =>
    message({ from: demo, to: anna, subject: 'A draft to go on with', date, id: 'draft-1@posthorn.example' }, text('Dear Anna,\n\nthis is where I stopped')),
  );
  add('Sent', 190, ['seen'], (date) =>
    message({ from: demo, to: anna, subject: 'Re: Lunch on Friday?', date, id: 'sent-1@posthorn.example', inReplyTo: 'lunch-1@posthorn.example', references: ['lunch-1@posthorn.example'] }, text('Gladly, at noon.\n\nOn Monday, Anna Berger wrote:\n> Lunch on Friday?')),
  );
  for (const n of [1, 2, 3]) {
    add('Archive', 20000 + n, ['seen'], (date) => message({ from: jonas, to: demo, subject: `Archived ${n}`, date, id: `archived-${n}@posthorn.example` }, text(`Number ${n}, kept.`)));
  }
  add('Junk', 300, [], (date) => message({ from: 'Prize Office <prize@lottery.example>', to: demo, subject: 'You have won!', date, id: 'junk-1@lottery.example' }, html('<p>Click <a href="http://lottery.example/claim">here</a>.</p>')));
  for (const n of [1, 2]) {
    add('Trash', 900 + n, ['seen'], (date) => message({ from: anna, to: demo, subject: `Thrown away ${n}`, date, id: `trash-${n}@posthorn.example` }, text('Gone.')));
  }
  for (const [n, name] of ['Projekte/Neubau Süd', 'Say "hi"', 'back\\slash', '日本', 'R&D', 'Feier 🎉', 'a/b/c/d/e/f', 'Punkt. im. Namen', '100% <b>fett<b>'].entries()) {
    add(name, 1000 + n, n % 2 ? ['seen'] : [], (date) => message({ from: anna, to: demo, subject: `In the folder ${name}`, date, id: `folder-${n}@posthorn.example` }, text('One message.')));
  }
  account.folder('Leer');
  account.folder('Unsubscribed', { subscribe: false });
  account.close();

  const other = new Account(stand, 'anna@posthorn.example');
  other.add('INBOX', message({ from: demo, to: anna, subject: 'Hello Anna', date: now, id: 'hello-anna@posthorn.example' }, text('Hello!')), { date: now });
  other.close();
  return count + 1;
}

// [minutes ago, flags, builder]: UID 1 is the first.
function inbox() {
  const picture = landscape(160, 100);
  return [
    [240, ['seen', 'answered'], (date) => message({ from: anna, to: demo, subject: 'Lunch on Friday?', date, id: 'lunch-1@posthorn.example' }, text('Hello,\n\nshall we have lunch on Friday? See https://example.org/menu?a=1&b=2 for the menu,\nor write to table@restaurant.example.\n\nAnna\n-- \nAnna Berger\nPosthorn Works'))],
    [180, [], (date) => message({ from: jonas, to: [demo, anna], subject: 'Re: Lunch on Friday?', date, id: 'lunch-2@posthorn.example', inReplyTo: 'sent-1@posthorn.example', references: ['lunch-1@posthorn.example', 'sent-1@posthorn.example'] }, text('I come too.\n\n> Gladly, at noon.\n>> Lunch on Friday?'))],
    [170, [], (date) => message({ from: 'Green Leaf Shop <news@greenleaf.example>', to: demo, subject: 'Our autumn offers', date, id: 'news-1@greenleaf.example', headers: [['List-Unsubscribe', '<https://greenleaf.example/unsubscribe?u=1>'], ['List-Id', '<news.greenleaf.example>']] }, html(newsletter))],
    [160, ['seen'], (date) => message({ from: anna, to: demo, subject: 'A picture inside', date, id: 'cid-1@posthorn.example' }, multipart('related', [multipart('alternative', [text('A picture: [image]'), html('<p>A picture: <img src="cid:picture1@posthorn.example" alt="hills" width="160"></p><p>It was <b>fine</b> weather.</p>')]), attachment('image/png', picture, 'hills.png', { disposition: 'inline', id: 'picture1@posthorn.example' })]))],
    [150, [], (date) => message({ from: jonas, to: demo, subject: 'Documents of many kinds', date, id: 'attach-1@posthorn.example' }, multipart('mixed', [text('Please find the documents attached.'), attachment('application/pdf', pdf(['Invoice 4711', 'Total: 119.00 EUR']), 'invoice.pdf'), attachment('application/zip', zip([['readme.txt', Buffer.from('hello')]]), 'archive.zip'), attachment('text/plain; charset=utf-8', Buffer.from('Grüße\n'), 'Grüße aus Köln.txt'), attachment('text/csv', Buffer.from('a;b\n1;2\n'), 'Übersicht März.csv', { style: '2047' }), attachment('text/plain', Buffer.from('long name\n'), 'Ein sehr langer Dateiname mit Umlauten äöü, der nach RFC 2231 in Stücken kommt.txt', { style: 'split' }), attachment('image/jpeg', jpeg, 'dot.jpg'), attachment('text/vcard', Buffer.from('BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Berger\r\nEMAIL:anna@posthorn.example\r\nEND:VCARD\r\n'), 'anna.vcf')]))],
    [140, ['seen', 'flagged'], (date) => message({ from: 'Jürgen Müller <juergen@zweite.example>', to: demo, subject: 'Größe, Maße und Gewicht', date, id: 'latin-1@zweite.example', charset: 'iso-8859-1' }, text('Die Maße: Höhe 2 m, Größe übrigens auch.\nViele Grüße\nJürgen', { charset: 'iso-8859-1' }))],
    [130, [], (date) => message({ from: anna, to: demo, date, id: 'no-subject@posthorn.example' }, text('This mail has no subject.'))],
    [120, ['seen'], (date) => message({ from: 'bare@posthorn.example', to: demo, subject: 'From without a name', date, id: 'bare-1@posthorn.example' }, text('No display name.'))],
    [110, [], (date) => message({ from: anna, to: demo, subject: 'Invitation: planning', date, id: 'ics-1@posthorn.example' }, multipart('alternative', [text('Planning, see the invitation.'), html('<p>Planning, see the invitation.</p>'), text(calendar(date), { subtype: 'calendar', params: '; method=REQUEST' })]))],
    [90, [], (date) => message({ from: jonas, to: demo, subject: 'Fwd: the original', date, id: 'nested-1@posthorn.example' }, multipart('mixed', [text('See the attached mail.'), attachedMessage(message({ from: anna, to: jonas, subject: 'The original', date, id: 'original-1@posthorn.example' }, text('I am the original.')), 'original.eml')]))],
    [60, ['seen', '$Forwarded'], (date) => message({ from: anna, to: [demo, jonas, 'maria@zweite.example'], cc: ['info@posthorn.example', 'test1@posthorn.example', 'test2@posthorn.example'], replyTo: 'Office <hallo@posthorn.example>', subject: 'To many people', date, id: 'many-rcpt@posthorn.example' }, text('To all of you.'))],
    [30, [], (date) => message({ from: 'Tōkyō Office <office@nihon.example>', to: demo, subject: '日本語の件名です', date, id: 'jp-1@nihon.example', charset: 'iso-2022-jp', how: 'B', ...{ from: '山田太郎 <office@nihon.example>' } }, text('こんにちは。\nこれはテストです。', { charset: 'iso-2022-jp', encoding: '7bit' }))],
    [20, [], (date) => message({ from: anna, to: demo, subject: 'Text and HTML differ 🎉', date, id: 'alt-1@posthorn.example' }, multipart('alternative', [text('This is the plain text.'), html('<h1>This is the HTML</h1><p style="color:#b00">With <em>style</em>, a <a href="https://example.org/">link</a> and a list:</p><ul><li>one</li><li>two</li></ul>')]))],
    [10, [], (date) => message({ from: jonas, to: demo, subject: 'Newest message', date, id: 'newest@posthorn.example' }, text('The newest one.'))],
  ];
}

const newsletter = `<!DOCTYPE html><html><head><style>.b{background:#2a7;color:#fff;padding:8px} @media (max-width:600px){.w{width:100%}}</style></head>
<body bgcolor="#eeeeee"><table class="w" width="600" align="center"><tbody>
<tr><td><img src="https://img.greenleaf.example/header.png" width="600" height="120" alt="Green Leaf"></td></tr>
<tr><td style="background:url(https://img.greenleaf.example/bg.png);font-family:Georgia"><h2>Our autumn offers</h2><p>Tulip bulbs at <b>half price</b>.</p>
<p><a class="b" href="https://greenleaf.example/offers?id=7">To the offers</a></p></td></tr></tbody></table>
<img src="http://track.greenleaf.example/open.gif?u=demo" width="1" height="1" alt=""></body></html>`;

function calendar(date) {
  const stamp = new Date(date.getTime() + 3 * 86400000).toISOString().replace(/[-:]|\.\d+/g, '');
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Posthorn//Test//EN', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:planning-1@posthorn.example', `DTSTAMP:${stamp}`, `DTSTART:${stamp}`, 'DURATION:PT1H', 'SUMMARY:Planning', 'LOCATION:Room 3', 'ORGANIZER;CN=Anna Berger:mailto:anna@posthorn.example', 'ATTENDEE;RSVP=TRUE:mailto:demo@posthorn.example', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
}

