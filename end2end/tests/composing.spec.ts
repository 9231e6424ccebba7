// Writing a new mail: who gets it, what arrives, drafts, and links that open the composer.
import { expect, row, test, told } from '../support/fixtures.ts';
import { arrived, attach, attached, box, button, expectStored, expectTyped, openCopies, write } from '../support/composer.ts';
import { header, leaves, mail, textOf } from '../support/mail.ts';

test.beforeEach(async ({ page, signIn, people }) => {
  await signIn(page, people.me);
});

test('a mail reaches To, Cc and Bcc, and a copy stays in Sent', async ({ page, open, mailbox, peerBox, imap, people }) => {
  const [third, fourth] = [await imap(people.third), await imap(people.fourth)];
  await third.reset();
  await fourth.reset();
  await open(page, '/mail/INBOX');
  await page.getByRole('link', { name: 'New message' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'New message' })).toBeVisible();
  const subject = 'Grüße an alle 🎺 – und mehr als siebzig Zeichen, damit der Kopf gefaltet werden muss';
  await write(page, {
    to: `"Peer, the second" <${people.peer.address}>`,
    cc: people.third.address,
    bcc: people.fourth.address,
    subject,
    text: 'Hello!\n\nEnds with a dot:\n.\n.two\nFrom here on: ÄÖÜ €\n',
  });
  await button(page, 'Send').click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(told(page, 'Message sent.')).toBeVisible();
  const [got, copy, hidden] = [await arrived(peerBox, 'INBOX', subject), await arrived(third, 'INBOX', subject), await arrived(fourth, 'INBOX', subject)];
  for (const { raw } of [got, copy, hidden]) {
    expect(textOf(raw).trimEnd()).toBe('Hello!\n\nEnds with a dot:\n.\n.two\nFrom here on: ÄÖÜ €');
    expect(header(raw, 'From')).toContain(people.me.address);
    expect(header(raw, 'To')).toMatch(new RegExp(`^"?Peer, the second"? <${people.peer.address}>$`));
    expect(header(raw, 'Cc')).toContain(people.third.address);
    expect(header(raw, 'Bcc'), 'nobody learns who got a blind copy').toBe('');
    expect(header(raw, 'Message-ID')).toMatch(/^<[^<>@\s]+@posthorn\.example>$/);
    expect(header(raw, 'X-Posthorn-Origin')).toBe('');
  }
  const sent = await arrived(mailbox, 'Sent', subject);
  expect(sent.flags).toContain('\\Seen');
  expect(header(sent.raw, 'Bcc')).toContain(people.fourth.address);
  expect(header(sent.raw, 'Message-ID')).toBe(header(got.raw, 'Message-ID'));
  expect(await mailbox.messages('Drafts')).toHaveLength(0);
});

test('attachments arrive octet by octet, under their names', async ({ page, open, peerBox, mailbox, people }) => {
  const binary = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7 + (i >> 8)) % 256));
  await mailbox.messages('Sent');
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'Two files', text: 'See the files.' });
  await attach(
    page,
    { name: 'Übersicht "März" & mehr.bin', mimeType: 'application/octet-stream', buffer: binary },
    { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
  );
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'Two files');
  const [text, file, empty] = leaves(raw);
  expect(text?.content.toString()).toContain('See the files.');
  expect(file?.name.replace(/\\/g, '')).toContain('Übersicht');
  expect(file?.content.equals(binary)).toBe(true);
  expect(empty?.name).toBe('empty.txt');
  expect(empty?.content).toHaveLength(0);
});

test('files chosen one after the other add up, and can be taken out again', async ({ page, open, peerBox, people, scripted }) => {
  test.skip(!scripted, 'the list of chosen files is kept by the script; without it the browser shows its own');
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'One of three' });
  for (const name of ['one.txt', 'two.txt', 'three.txt']) {
    await attach(page, { name, mimeType: 'text/plain', buffer: Buffer.from(name) });
  }
  await expect(attached(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Remove one.txt' }).click();
  await page.getByRole('button', { name: 'Remove three.txt' }).click();
  await expect(attached(page)).toHaveText([/two\.txt/]);
  await button(page, 'Send').click();
  const { raw } = await arrived(peerBox, 'INBOX', 'One of three');
  expect(leaves(raw).map((part) => part.name)).toEqual(['', 'two.txt']);
});

test('a draft is saved, gone on with, replaced and sent', async ({ page, open, settled, mailbox, peerBox, people }) => {
  await open(page, '/compose');
  const typed = { to: people.peer.address, cc: people.third.address, subject: 'In two steps', text: 'First part.\n\nSecond part.' };
  await write(page, { ...typed, text: 'First part.' });
  await attach(page, { name: 'kept.txt', mimeType: 'text/plain', buffer: Buffer.from('kept') });
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await expect(page).toHaveURL(/\/compose\?draft=\d+&v=\d+/);
  await settled(page);
  await expectStored(page, { ...typed, text: 'First part.' });
  await expect(attached(page)).toHaveText([/kept\.txt/]);
  const first = await arrived(mailbox, 'Drafts', 'In two steps');
  expect(first.flags).toContain('\\Draft');
  // Saved again: replaced, never two.
  await write(page, { text: typed.text });
  await button(page, 'Save draft').click();
  await expect.poll(async () => (await mailbox.messages('Drafts')).map((draft) => textOf(draft.raw).trimEnd())).toEqual([typed.text]);
  // From the list, later.
  await open(page, '/mail/Drafts');
  await row(page, 'In two steps').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Draft' })).toBeVisible();
  await expectStored(page, typed);
  await expect(attached(page)).toHaveText([/kept\.txt/]);
  await settled(page);
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'In two steps');
  expect(textOf(raw).trimEnd()).toBe(typed.text);
  expect(leaves(raw)[1]?.content.toString()).toBe('kept');
  expect(header(raw, 'Message-ID')).toBe(header(first.raw, 'Message-ID'));
  await expect.poll(async () => (await mailbox.messages('Drafts')).length).toBe(0);
});

test('an attachment of a draft is left out when its box is unticked', async ({ page, open, settled, mailbox, peerBox, people }) => {
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'One stays' });
  await attach(
    page,
    { name: 'stays.txt', mimeType: 'text/plain', buffer: Buffer.from('stays') },
    { name: 'goes.txt', mimeType: 'text/plain', buffer: Buffer.from('goes') },
  );
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await settled(page);
  await page.getByRole('checkbox', { name: 'goes.txt' }).uncheck();
  await button(page, 'Send').click();
  await expect(told(page, 'Message sent.')).toBeVisible();
  const { raw } = await arrived(peerBox, 'INBOX', 'One stays');
  expect(leaves(raw).map((part) => part.name)).toEqual(['', 'stays.txt']);
  expect(await mailbox.messages('Drafts')).toHaveLength(0);
});

test('discarding asks, and takes the saved draft along', async ({ page, open, settled, mailbox }) => {
  await open(page, '/compose');
  await write(page, { subject: 'Thrown away', text: 'Nothing.' });
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await settled(page);
  await arrived(mailbox, 'Drafts', 'Thrown away');
  await button(page, 'Discard').click();
  const dialog = page.getByRole('dialog', { name: 'Discard this message?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expectStored(page, { subject: 'Thrown away', text: 'Nothing.' });
  await button(page, 'Discard').click();
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(told(page, 'Discarded.')).toBeVisible();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect.poll(async () => (await mailbox.messages('Drafts')).length).toBe(0);
});

test('a draft of any content comes back as it was typed', async ({ page, open, settled, mailbox }) => {
  const text = '\n\n  Leading lines and spaces.\n\n</textarea><script>window.pwned=1</script>\n&amp; &lt; "\'\n> quoted\n-- \nsignature\n' + 'x'.repeat(2_000);
  const subject = 'A <b>draft</b> & "more" </title><script>window.pwned=2</script>';
  await open(page, '/compose');
  await write(page, { subject, text });
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await settled(page);
  await expectTyped(page, { subject });
  expect((await mailbox.messages('Drafts')).length).toBe(1);
  await open(page, page.url());
  await expectTyped(page, { subject });
  expect((await box(page, 'Message').inputValue()).trimEnd()).toBe(text.trimEnd());
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('a draft does not grow by being saved again and again', async ({ page, open, settled, mailbox }) => {
  await open(page, '/compose');
  await write(page, { subject: 'Again', text: 'One.\n\nTwo.\n' });
  for (const round of [1, 2, 3]) {
    await button(page, 'Save draft').click();
    await expect(told(page, 'Draft saved.')).toBeVisible();
    await settled(page);
    await open(page, page.url());
    await expect(box(page, 'Message'), `round ${round}`).toHaveValue('One.\n\nTwo.\n');
  }
  expect(await mailbox.messages('Drafts')).toHaveLength(1);
});

test('pressing Send twice sends once', async ({ page, open, peerBox, mailbox, people }) => {
  await mailbox.messages('Sent');
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'Only once', text: 'Once.' });
  await button(page, 'Send').dblclick();
  await expect(told(page, 'Message sent.')).toBeVisible();
  await arrived(peerBox, 'INBOX', 'Only once');
  await arrived(mailbox, 'Sent', 'Only once');
  // A second mail goes the same way, so that a late copy of the first would be there by now.
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'After it', text: 'After.' });
  await button(page, 'Send').click();
  await arrived(peerBox, 'INBOX', 'After it');
  const subjects = (await peerBox.messages('INBOX')).map((message) => header(message.raw, 'Subject'));
  expect(subjects).toEqual(['Only once', 'After it']);
  expect(await mailbox.messages('Sent')).toHaveLength(2);
});

test('Ctrl+Enter sends, Enter in a line does not', async ({ page, open, peerBox, people, scripted }) => {
  test.skip(!scripted, 'a shortcut is the script’s; without it Enter saves a draft, which loses nothing');
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'By keys', text: 'Quick.' });
  await box(page, 'Subject').press('Enter');
  await expect(page).toHaveURL('/compose');
  await box(page, 'Message').press('Control+Enter');
  await expect(told(page, 'Message sent.')).toBeVisible();
  await arrived(peerBox, 'INBOX', 'By keys');
});

test('Enter in a line without JavaScript saves, and never sends', async ({ page, open, mailbox, people, scripted }) => {
  test.skip(scripted, 'with JavaScript Enter does nothing there, which the test above says');
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'Not yet' });
  await box(page, 'Subject').press('Enter');
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await arrived(mailbox, 'Drafts', 'Not yet');
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('an address opens the composer filled in', async ({ page, open }) => {
  await open(page, '/compose?to=anna%40posthorn.example&cc=jonas%40posthorn.example&subject=Lunch%3F&body=One%0ATwo');
  await expectTyped(page, { to: 'anna@posthorn.example', cc: 'jonas@posthorn.example', subject: 'Lunch?', text: 'One\nTwo' });
  const link = 'mailto:anna@posthorn.example,jonas@posthorn.example?cc=maria%40zweite.example&subject=caf%C3%A9&body=one%0D%0Atwo+three&bcc=spy@evil.example&attach=/etc/passwd';
  await open(page, `/compose?to=${encodeURIComponent(link)}`);
  await expect(box(page, 'To')).toHaveValue(/^anna@posthorn\.example, ?jonas@posthorn\.example$/);
  await openCopies(page);
  await expectTyped(page, { cc: 'maria@zweite.example', bcc: '', subject: 'café', text: 'one\ntwo+three' });
  await expect(attached(page)).toHaveCount(0);
});

test('a mail address in a mail leads to the composer', async ({ page, open, mailbox }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Write to her', text: 'Write to anna@posthorn.example please.' }));
  await open(page, `/mail/INBOX/${uid}`);
  const link = page.frameLocator('iframe[title="Message body"]').getByRole('link', { name: 'anna@posthorn.example' });
  await expect(link).toHaveAttribute('href', /^mailto:anna@posthorn\.example|^\/compose\?to=/);
});
