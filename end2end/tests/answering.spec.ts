// Answers and mails passed on: who gets them, what is quoted, how the thread is kept, and what the original is marked
// with afterwards.
import { expect, messageAt, test, told, toolLink } from '../support/fixtures.ts';
import { arrived, attached, box, button, expectTyped, write } from '../support/composer.ts';
import { header, leaves, mail, newId, textOf } from '../support/mail.ts';

test.beforeEach(async ({ page, signIn, people }) => {
  await signIn(page, people.me);
});

test('an answer goes to the author, quotes, keeps the thread and marks the original', async ({ page, open, settled, mailbox, peerBox, people }) => {
  const id = newId();
  const uid = await mailbox.append(
    'INBOX',
    mail({ from: `Peer Müller <${people.peer.address}>`, to: people.me.address, cc: people.third.address, subject: 'A question', id, references: '<first@tests.example>', text: 'Are you there?\n\n> older\n-- \nPeer\n' }),
  );
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Reply').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Reply' })).toBeVisible();
  await settled(page);
  await expectTyped(page, { to: `Peer Müller <${people.peer.address}>`, subject: 'Re: A question' });
  await expect(box(page, 'Cc')).toBeHidden();
  const quoted = await box(page, 'Message').inputValue();
  expect(quoted).toMatch(/^\n\nOn .*, Peer Müller wrote:\n> Are you there\?\n>\n>> older\n$/);
  await write(page, { text: `Yes.\n${quoted}` });
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'Re: A question');
  expect(header(raw, 'In-Reply-To')).toBe(`<${id}>`);
  expect(header(raw, 'References')).toBe(`<first@tests.example> <${id}>`);
  expect(header(raw, 'Cc')).toBe('');
  expect(textOf(raw)).toMatch(/^Yes\.\n\n\nOn .*, Peer Müller wrote:\n> Are you there\?/);
  await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('\\Answered');
  await arrived(mailbox, 'Sent', 'Re: A question');
});

test('an answer to all leaves oneself out', async ({ page, open, settled, mailbox, peerBox, imap, people }) => {
  const third = await imap(people.third);
  await third.reset();
  const uid = await mailbox.append(
    'INBOX',
    mail({ from: people.peer.address, to: `Me <${people.me.address.toUpperCase()}>, Third <${people.third.address}>`, cc: people.fourth.address, subject: 'Re: To all' }),
  );
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Reply all').click();
  await settled(page);
  await expectTyped(page, { to: `${people.peer.address}, Third <${people.third.address}>`, cc: people.fourth.address, subject: 'Re: To all' });
  await expect(box(page, 'Cc')).toBeVisible();
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'Re: To all');
  expect(header(raw, 'To') + header(raw, 'Cc')).not.toContain(people.me.address);
  await arrived(third, 'INBOX', 'Re: To all');
  await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('\\Answered');
});

test('an answer goes where Reply-To says', async ({ page, open, settled, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', mail({ from: people.third.address, replyTo: `Office <${people.peer.address}>`, to: people.me.address, subject: 'AW: Ask the office' }));
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Reply').click();
  await settled(page);
  await expect(box(page, 'To')).toHaveValue(`Office <${people.peer.address}>`);
  await expect(box(page, 'Subject')).toHaveValue(/^(Re: |AW: )Ask the office$/);
});

test('a mail is passed on with its attachments, and marked', async ({ page, open, settled, mailbox, peerBox, people }) => {
  const content = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 13) % 256));
  const uid = await mailbox.append(
    'INBOX',
    mail({ from: 'Anna Berger <anna@posthorn.example>', to: people.me.address, subject: 'With files', text: 'Please pass on.', files: [{ name: 'Plan Süd.bin', type: 'application/octet-stream', content }, { name: 'note.txt', type: 'text/plain', content: Buffer.from('note') }] }),
  );
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Forward').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Forward' })).toBeVisible();
  await settled(page);
  await expectTyped(page, { to: '', subject: 'Fwd: With files' });
  await expect(box(page, 'Message')).toHaveValue(/-------- Forwarded message --------\nFrom: Anna Berger <anna@posthorn\.example>\nDate: .*\nSubject: With files\nTo: .*\n\nPlease pass on\./);
  await expect(attached(page)).toHaveText([/Plan Süd\.bin/, /note\.txt/]);
  await page.getByRole('checkbox', { name: 'note.txt' }).uncheck();
  await write(page, { to: people.peer.address });
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'Fwd: With files');
  const parts = leaves(raw);
  expect(parts.map((part) => part.name)).toEqual(['', 'Plan Süd.bin']);
  expect(parts[1]?.content.equals(content)).toBe(true);
  await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('$Forwarded');
  expect(await mailbox.flags('INBOX', uid)).not.toContain('\\Answered');
});

test('an answer to an HTML mail quotes its text', async ({ page, open, settled, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', mail({ from: people.peer.address, subject: 'Designed', html: '<p>First <b>bold</b></p><ul><li>one</li></ul><style>p{color:red}</style><script>window.pwned=1</script>' }));
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Reply').click();
  await settled(page);
  const quoted = await box(page, 'Message').inputValue();
  expect(quoted).toMatch(/> First \*?bold\*?/);
  expect(quoted).toContain('one');
  expect(quoted).not.toMatch(/color:red|pwned|<p>/);
});

test('a saved answer is still an answer when it is gone on with', async ({ page, open, settled, mailbox, peerBox, people }) => {
  const id = newId();
  const uid = await mailbox.append('INBOX', mail({ from: people.peer.address, to: people.me.address, subject: 'Later', id }));
  await open(page, messageAt('INBOX', uid));
  await toolLink(page, 'Reply').click();
  await settled(page);
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  expect(await mailbox.flags('INBOX', uid)).not.toContain('\\Answered');
  const draft = await arrived(mailbox, 'Drafts', 'Re: Later');
  await open(page, `/compose?draft=${draft.uid}`);
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'Re: Later');
  expect(header(raw, 'In-Reply-To')).toBe(`<${id}>`);
  expect(raw.toString()).not.toMatch(/^X-Posthorn/im);
  await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('\\Answered');
  await expect.poll(async () => (await mailbox.messages('Drafts')).length).toBe(0);
});

test('an answer in a folder of any name comes back there', async ({ page, open, settled, mailbox, peerBox, people }) => {
  const name = 'Büro/R&D "x"';
  await mailbox.create(name);
  const uid = await mailbox.append(name, mail({ from: people.peer.address, to: people.me.address, subject: 'In a folder' }));
  await open(page, messageAt(name, uid));
  await toolLink(page, 'Reply').click();
  await settled(page);
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  await arrived(peerBox, 'INBOX', 'Re: In a folder');
  await expect.poll(() => mailbox.flags(name, uid)).toContain('\\Answered');
});
