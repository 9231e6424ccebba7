// When a mail cannot go: what is told, and that nothing of what was typed or chosen is lost.
import { alerted, expect, test, told } from '../support/fixtures.ts';
import { arrived, attach, attached, box, button, expectTyped, write } from '../support/composer.ts';
import { header } from '../support/mail.ts';

const LONG = 'A text that was work to write.\n\n</textarea><script>window.pwned=1</script>\n  two spaces, ÄÖÜ 🎺\n';

for (const [what, to, words, line] of [
  ['an unknown person', 'nobody@posthorn.example', /There is no mailbox with this name/, /nobody@posthorn\.example: 550 5\.1\.1/],
  ['an address outside', 'somebody@elsewhere.example', /does not pass mail on to other providers/, /somebody@elsewhere\.example: 550 5\.7\.1.*relay not permitted/],
] as const) {
  test(`${what} is refused in the server's words, and nothing is lost`, async ({ page, open, signIn, settled, mailbox, peerBox, people }) => {
    await signIn(page, people.me);
    await open(page, '/compose');
    const typed = { to: `${people.peer.address}, ${to}`, cc: `Third <${people.third.address}>`, bcc: people.fourth.address, subject: `For ${what}`, text: LONG };
    await write(page, typed);
    await attach(page, { name: 'work.txt', mimeType: 'text/plain', buffer: Buffer.from('hours of work') });
    await button(page, 'Send').click();
    await expect(alerted(page, words)).toBeVisible();
    await expect(alerted(page, words)).toContainText('Nothing was sent');
    await expect(alerted(page, 'The mail server’s own words:').getByRole('listitem')).toHaveText(line);
    await settled(page);
    await expectTyped(page, typed);
    await expect(attached(page)).toHaveText([/work\.txt/]);
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
    expect(await mailbox.messages('Sent')).toHaveLength(0);
    // Put right, it goes, attachment and all.
    await write(page, { to: people.peer.address });
    await button(page, 'Send').click();
    await expect(told(page, 'Message sent.')).toBeVisible();
    const { raw } = await arrived(peerBox, 'INBOX', typed.subject);
    expect(raw.toString()).toContain(Buffer.from('hours of work').toString('base64'));
    expect((await peerBox.messages('INBOX')).map((message) => header(message.raw, 'Subject'))).toEqual([typed.subject]);
    await expect.poll(async () => (await mailbox.messages('Drafts')).length).toBe(0);
  });
}

test('all refused recipients are named', async ({ page, open, signIn, people }) => {
  await signIn(page, people.me);
  await open(page, '/compose');
  await write(page, { to: 'nobody@posthorn.example, noone@posthorn.example', subject: 'x', text: 'x' });
  await button(page, 'Send').click();
  await expect(alerted(page, 'own words').getByRole('listitem')).toHaveText([/^nobody@posthorn\.example: 550/, /^noone@posthorn\.example: 550/]);
});

test('a mail without a recipient is not sent', async ({ page, open, signIn, settled, mailbox, people }) => {
  await signIn(page, people.me);
  await open(page, '/compose');
  await write(page, { subject: 'To nobody', text: LONG });
  await button(page, 'Send').click();
  await expect(alerted(page, 'Enter at least one recipient.')).toBeVisible();
  await settled(page);
  await expectTyped(page, { subject: 'To nobody', text: LONG });
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('what is no address is named, in whichever box it stands', async ({ page, open, signIn, settled, people }) => {
  await signIn(page, people.me);
  for (const [field, text, bad] of [
    ['to', 'anna@posthorn.example, not an address', 'not an address'],
    ['cc', 'jonas(at)posthorn.example', 'jonas(at)posthorn.example'],
    ['bcc', '"><img src=x onerror=window.pwned=1>', 'img'],
  ] as const) {
    await open(page, '/compose');
    const typed = { to: people.peer.address, subject: 'Where to?', text: LONG, [field]: text };
    await write(page, typed);
    await button(page, 'Send').click();
    await expect(alerted(page, 'is not an email address')).toContainText(bad);
    await settled(page);
    await expectTyped(page, typed);
    await expect(page.locator('main img')).toHaveCount(0);
  }
});

test('too many recipients are told', async ({ page, open, signIn, settled, people, serverWith }) => {
  const server = await serverWith({ POSTHORN_MAX_RECIPIENTS: '3' });
  await signIn(page, people.me, server);
  await open(page, `${server.url}/compose`);
  const to = ['a', 'b', 'c', 'd'].map((name) => `${name}@posthorn.example`).join(', ');
  await write(page, { to, subject: 'Many', text: 'x' });
  await button(page, 'Send').click();
  await expect(alerted(page, 'A message can have at most 3 recipients.')).toBeVisible();
  await settled(page);
  await expectTyped(page, { to, subject: 'Many' });
});

test('a mail over the size limit is not sent, and the text stays', async ({ page, open, signIn, settled, scripted, mailbox, people, serverWith }) => {
  const server = await serverWith({ POSTHORN_MESSAGE_LIMIT: '100000' });
  await signIn(page, people.me, server);
  await open(page, `${server.url}/compose`);
  const typed = { to: people.peer.address, subject: 'Too large', text: LONG };
  await write(page, typed);
  await expect(page.getByText('Attachments: up to 73 kB in all')).toBeVisible();
  await attach(page, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(150_000, 7) });
  // With JavaScript the file is refused already when it is chosen.
  if (!scripted) await button(page, 'Send').click();
  await expect(alerted(page, /larger than the 100 kB that are allowed/)).toBeVisible();
  await settled(page);
  await expectTyped(page, typed);
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('a file that is too large is refused when it is chosen', async ({ page, open, signIn, people, serverWith, scripted }) => {
  test.skip(!scripted, 'without JavaScript only the server can say so, which the test above says');
  const server = await serverWith({ POSTHORN_MESSAGE_LIMIT: '100000' });
  await signIn(page, people.me, server);
  await open(page, `${server.url}/compose`);
  await attach(page, { name: 'fits.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(50_000) });
  await attach(page, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(50_000) });
  await expect(alerted(page, /larger than the 100 kB that are allowed/)).toBeVisible();
  await expect(attached(page)).toHaveText([/fits\.bin/]);
});

test('a sending server that is not there is told, and nothing is lost', async ({ page, open, signIn, settled, mailbox, people, serverWith }) => {
  const server = await serverWith({ POSTHORN_SMTP_URL: 'smtps://localhost:9' });
  await signIn(page, people.me, server);
  await open(page, `${server.url}/compose`);
  const typed = { to: people.peer.address, subject: 'Nobody home', text: LONG };
  await write(page, typed);
  await button(page, 'Send').click();
  await expect(alerted(page, 'The sending server cannot be reached. Nothing was sent.')).toBeVisible({ timeout: 15_000 });
  await settled(page);
  await expectTyped(page, typed);
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('a full mailbox is told when a draft does not fit', async ({ page, open, signIn, settled }) => {
  await signIn(page, { address: 'voll@posthorn.example', password: 'voll-secret' });
  await open(page, '/compose');
  const typed = { subject: 'Does not fit', text: 'x'.repeat(4_000) };
  await write(page, typed);
  // However little room the mailbox has left, it runs out within these.
  await attach(page, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(300_000, 1) });
  await button(page, 'Save draft').click();
  await expect(alerted(page, 'Your mailbox is full')).toBeVisible();
  await settled(page);
  await expectTyped(page, typed);
  await expect(box(page, 'To')).toBeVisible();
});
