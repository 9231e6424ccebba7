// What is said and offered beside a message's body: who it is from, invitations and their answers, read receipts, the way
// out of a mailing list, delivery reports, visiting cards, and the files that Outlook wraps up.
import { readFile } from 'node:fs/promises';
import { type Page } from '@playwright/test';
import { arrived } from '../support/composer.ts';
import { body, expect, messageAt, test, told } from '../support/fixtures.ts';
import { leaves, newId } from '../support/mail.ts';

interface Parts {
  to: string;
  from?: string;
  subject: string;
  fields?: string[];
  kind?: string;
  parts?: string[][];
}

/** A mail of parts that are written out. */
function raw({ to, from = 'Anna Berger <anna@posthorn.example>', subject, fields = [], kind = 'mixed', parts = [] }: Parts): Buffer {
  return Buffer.from(
    [
      `From: ${from}`,
      `To: ${to}`,
      `Subject: ${subject}`,
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${newId()}>`,
      ...fields,
      'MIME-Version: 1.0',
      `Content-Type: multipart/${kind}; boundary="=_cards"`,
      '',
      '--=_cards',
      'Content-Type: text/plain',
      '',
      'The text.',
      ...parts.flatMap((part) => ['--=_cards', ...part]),
      '--=_cards--',
      '',
    ].join('\r\n'),
  );
}

const invitation = (organizer: string, attendee: string, method = 'REQUEST'): string[] => [
  `Content-Type: text/calendar; charset=utf-8; method=${method}`,
  '',
  'BEGIN:VCALENDAR',
  `METHOD:${method}`,
  'BEGIN:VEVENT',
  'UID:cards@tests.example',
  'DTSTART;TZID=America/New_York:20301203T090000',
  'DTEND;TZID=America/New_York:20301203T100000',
  'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU',
  'SUMMARY:Planning the house',
  'LOCATION:Room 5',
  `ORGANIZER;CN=The Boss:mailto:${organizer}`,
  `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${attendee}`,
  'ATTENDEE;PARTSTAT=ACCEPTED;CN=Jonas:mailto:jonas@posthorn.example',
  'END:VEVENT',
  'END:VCALENDAR',
];

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('an invitation shows what, when and where, and is accepted', async ({ page, open, signIn, people, mailbox, peerBox }) => {
  const { me, peer } = people;
  const parts = [invitation(peer.address, me.address)];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Invitation', kind: 'alternative', parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const shown = card(page, 'Invitation');
  await expect(shown.getByRole('heading', { level: 2 })).toHaveText('Planning the house');
  await expect(shown).toContainText('Tuesday, 3 December 2030, 15:00–16:00');
  await expect(shown).toContainText('09:00–10:00 in America/New York');
  await expect(shown).toContainText('Every 2 weeks on Tuesday');
  await expect(shown).toContainText('Room 5');
  await shown.getByText('2 invited').click();
  await expect(shown.getByRole('listitem').filter({ hasText: 'Jonas' })).toContainText('accepted');
  await shown.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(told(page, 'Your answer was sent.')).toBeVisible();
  const answer = await arrived(peerBox, 'INBOX', 'Accepted: Planning the house');
  const calendar = leaves(answer.raw).find((part) => part.type.startsWith('text/calendar'));
  expect(calendar?.content.toString()).toContain(`ATTENDEE;PARTSTAT=ACCEPTED:mailto:${me.address}`);
  await arrived(mailbox, 'Sent', 'Accepted: Planning the house');
});

test('with JavaScript the card says what was answered, and another answer can follow', async ({
  page,
  open,
  signIn,
  people,
  mailbox,
  peerBox,
  scripted,
}) => {
  test.skip(!scripted, 'without JavaScript the page is another one afterwards');
  const { me, peer } = people;
  const parts = [invitation(peer.address, me.address)];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Invitation', parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const shown = card(page, 'Invitation');
  for (const [button, said] of [
    ['Tentative', 'tentative'],
    ['Decline', 'declined'],
    ['Tentative', 'tentative'],
  ] as const) {
    await shown.getByRole('button', { name: button, exact: true }).click();
    await expect(shown.getByRole('status')).toHaveText(`Your answer so far: ${said}`);
  }
  await expect.poll(async () => (await peerBox.messages('INBOX')).length).toBe(3);
});

test('what is cancelled can only be looked at', async ({ page, open, signIn, people, mailbox }) => {
  const { me, peer } = people;
  const parts = [invitation(peer.address, me.address, 'CANCEL')];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Off', parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  await expect(card(page, 'Cancelled')).toContainText('Planning the house');
  await expect(card(page, 'Cancelled').getByRole('button')).toHaveCount(0);
});

test('a receipt is sent when the person says so', async ({ page, open, signIn, people, mailbox, peerBox }) => {
  const { me, peer } = people;
  const fields = [`Disposition-Notification-To: ${peer.address}`];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, from: peer.address, subject: 'Did you read it?', fields }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const asked = page.getByText('The sender asks for a read receipt.');
  await expect(asked).toBeVisible();
  await page.getByRole('link', { name: 'Not now' }).click();
  await expect(asked).toBeHidden();
  await open(page, messageAt('INBOX', uid));
  await page.getByRole('button', { name: 'Send receipt' }).click();
  await expect(told(page, 'The read receipt was sent.')).toBeVisible();
  await expect(asked).toBeHidden();
  const receipt = await arrived(peerBox, 'INBOX', 'Read: Did you read it?');
  expect(receipt.raw.toString()).toContain('Disposition: manual-action/MDN-sent-manually; displayed');
  await expect.poll(async () => (await mailbox.messages('INBOX'))[0]?.flags).toContain('$MDNSent');
});

test('an answer that goes to somebody else than the sender is said before', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const own = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Planning', parts: [invitation('anna@posthorn.example', me.address)] }));
  const other = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Planning', parts: [invitation('boss@elsewhere.example', me.address)] }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', other));
  const card = page.getByRole('region', { name: 'Invitation' });
  await expect(card.getByRole('note')).toHaveText(/Your answer goes to boss@elsewhere\.example\./);
  await expect(card.getByRole('button', { name: 'Accept' })).toBeVisible();
  await open(page, messageAt('INBOX', own));
  await expect(card.getByRole('button', { name: 'Accept' })).toBeVisible();
  await expect(card.getByRole('note')).toHaveCount(0);
});

test('a mailing list is left by a letter, or by a page that says where it is', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const letter = ['List-Unsubscribe: <mailto:leave@posthorn.example?subject=leave>'];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'News', fields: letter }));
  const link = ['List-Unsubscribe: <https://list.example/leave?id=7>'];
  const other = await mailbox.append('INBOX', raw({ to: me.address, subject: 'More news', fields: link }));
  const router = ['List-Unsubscribe: <http://192.168.0.1/reset>'];
  const inside = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Odd news', fields: router }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', other));
  const way = page.getByRole('link', { name: 'Unsubscribe at list.example' });
  const led = await page.request.get((await way.getAttribute('href')) ?? '', { maxRedirects: 0 });
  expect(led.headers().location).toBe('https://list.example/leave?id=7');
  await expect(way).toHaveAttribute('rel', /noopener noreferrer/);
  await open(page, messageAt('INBOX', inside));
  await expect(body(page).getByText('The text.')).toBeVisible();
  await expect(page.getByRole('link', { name: /Unsubscribe/ })).toHaveCount(0);
  await open(page, messageAt('INBOX', uid));
  await page.getByRole('link', { name: 'Unsubscribe', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'To', exact: true })).toHaveValue('leave@posthorn.example');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('leave');
});

test('a name that carries another address is warned of', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const from = '"service@bank.example" <x@evil.example>';
  const uid = await mailbox.append('INBOX', raw({ to: me.address, from, subject: 'Your account' }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const bar = page.getByRole('note');
  await expect(bar).toContainText('Caution:');
  await expect(bar).toContainText('service@bank.example');
  await expect(bar).toContainText('x@evil.example');
});

test('what a trusted server found out is said, and a refuted sender is warned of', async ({
  page,
  signIn,
  settled,
  serverWith,
  people,
  mailbox,
}) => {
  const { me } = people;
  const server = await serverWith({ POSTHORN_TRUSTED_AUTHSERV_IDS: 'mx.tests.example' });
  const found = (result: string) => [`Authentication-Results: mx.tests.example; ${result}`];
  const good = 'dkim=pass header.d=posthorn.example; dmarc=pass header.from=posthorn.example';
  const bad = 'dkim=none; dmarc=fail header.from=posthorn.example';
  const one = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Genuine', fields: found(good) }));
  const two = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Forged', fields: found(bad) }));
  await signIn(page, me, server);
  await page.goto(server.url + messageAt('INBOX', one));
  await settled(page);
  await page.getByText('Signed by posthorn.example').click();
  await expect(page.getByText('passed: posthorn.example').first()).toBeVisible();
  await expect(page.getByRole('note')).toHaveCount(0);
  await page.goto(server.url + messageAt('INBOX', two));
  await settled(page);
  await expect(page.getByRole('note')).toContainText('probably does not come from posthorn.example');
});

test('a delivery report says who was not reached and why', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const parts = [
    [
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.posthorn.example',
      '',
      'Final-Recipient: rfc822; nobody@posthorn.example',
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    ],
  ];
  const kind = 'report; report-type=delivery-status';
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'Undelivered', kind, parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const shown = card(page, 'Delivery report');
  await expect(shown).toContainText('Not delivered: nobody@posthorn.example');
  await shown.locator('summary').click();
  await expect(shown).toContainText('550 5.1.1 User unknown');
});

test('a visiting card leads to the composer', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const parts = [
    ['Content-Type: text/vcard', '', 'BEGIN:VCARD', 'VERSION:3.0', 'FN:Jo Doe', 'ORG:Works', 'EMAIL:jo@posthorn.example', 'TEL:+49 30 1234', 'END:VCARD'],
  ];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'My card', parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const shown = card(page, 'Contact');
  await expect(shown.getByRole('heading', { level: 2 })).toHaveText('Jo Doe');
  await expect(shown).toContainText('Works');
  await expect(shown).toContainText('+49 30 1234');
  await shown.getByRole('link', { name: 'jo@posthorn.example' }).click();
  await expect(page.getByRole('textbox', { name: 'To', exact: true })).toHaveValue('jo@posthorn.example');
});

test('the files in winmail.dat are listed and can be had', async ({ page, open, signIn, people, mailbox }) => {
  const { me } = people;
  const attribute = (id: number, data: Buffer) => {
    const head = Buffer.alloc(9);
    head.writeUInt8(2, 0);
    head.writeUInt32LE(id, 1);
    head.writeUInt32LE(data.length, 5);
    return Buffer.concat([head, data, Buffer.alloc(2)]);
  };
  const stream = Buffer.concat([
    Buffer.from([0x78, 0x9f, 0x3e, 0x22, 1, 0]),
    attribute(0x00069002, Buffer.alloc(14)),
    attribute(0x00018010, Buffer.from('plan.txt\0')),
    attribute(0x0006800f, Buffer.from('the plan')),
  ]);
  const parts = [
    [
      'Content-Type: application/ms-tnef; name=winmail.dat',
      'Content-Transfer-Encoding: base64',
      '',
      stream.toString('base64').replace(/.{76}/g, '$&\r\n'),
    ],
  ];
  const uid = await mailbox.append('INBOX', raw({ to: me.address, subject: 'From Outlook', parts }));
  await signIn(page, me);
  await open(page, messageAt('INBOX', uid));
  const file = page.getByRole('list', { name: 'Files in winmail.dat' }).getByRole('link', { name: /plan\.txt/ });
  const [download] = await Promise.all([page.waitForEvent('download'), file.click()]);
  expect(download.suggestedFilename()).toBe('plan.txt');
  expect((await readFile(await download.path())).toString()).toBe('the plan');
});
