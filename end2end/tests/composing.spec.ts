// Writing a new mail: who gets it, what arrives, drafts, and links that open the composer.
import type { Page, Route } from '@playwright/test';
import { alerted, expect, folders, row, test, told } from '../support/fixtures.ts';
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

/** Saves a draft with two files. */
async function saveTwoFiles(page: Page, to: string, subject: string): Promise<void> {
  await write(page, { to, subject });
  await attach(
    page,
    { name: 'first.txt', mimeType: 'text/plain', buffer: Buffer.from('first') },
    { name: 'second.txt', mimeType: 'text/plain', buffer: Buffer.from('second') },
  );
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
}

test('what is left of the attachments after saving is ticked', async ({ page, open, settled, mailbox, peerBox, people }) => {
  await mailbox.messages('Drafts');
  await open(page, '/compose');
  await saveTwoFiles(page, people.peer.address, 'The second stays');
  await settled(page);
  await page.getByRole('checkbox', { name: 'first.txt' }).uncheck();
  await button(page, 'Save draft').click();
  await expect(attached(page)).toHaveText([/second\.txt/]);
  await settled(page);
  await expect(page.getByRole('checkbox', { name: 'second.txt' })).toBeChecked();
  await button(page, 'Send').click();
  const { raw } = await arrived(peerBox, 'INBOX', 'The second stays');
  expect(leaves(raw).map((part) => part.name)).toEqual(['', 'second.txt']);
});

test('an attachment that was unticked stays so when another is taken out', async ({ page, open, scripted, mailbox, peerBox, people }) => {
  test.skip(!scripted, 'without JavaScript an attachment is taken out by its box only');
  await mailbox.messages('Drafts');
  await open(page, '/compose');
  await saveTwoFiles(page, people.peer.address, 'Neither stays');
  await page.getByRole('checkbox', { name: 'second.txt' }).uncheck();
  await page.getByRole('button', { name: 'Remove first.txt' }).click();
  await expect(attached(page)).toHaveText([/second\.txt/]);
  await expect(page.getByRole('checkbox', { name: 'second.txt' })).not.toBeChecked();
  await button(page, 'Send').click();
  const { raw } = await arrived(peerBox, 'INBOX', 'Neither stays');
  expect(leaves(raw).map((part) => part.name)).toEqual(['']);
});

test('a new message after saving another is empty', async ({ page, open, settled, scripted, mailbox, people }) => {
  await open(page, '/compose');
  const typed = { to: people.peer.address, subject: 'For later', text: 'Later.' };
  await write(page, typed);
  await button(page, 'Save draft').click();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await expect(page).toHaveURL(/\/compose\?draft=/);
  await settled(page);
  await page.getByRole('link', { name: 'New message' }).first().click();
  await expect(page).toHaveURL('/compose');
  await settled(page);
  await expectTyped(page, { to: '', subject: '', text: '' });
  await arrived(mailbox, 'Drafts', 'For later');
  // It is a draft of its own.
  await write(page, { subject: 'Another' });
  await button(page, 'Save draft').click();
  await arrived(mailbox, 'Drafts', 'Another');
  await arrived(mailbox, 'Drafts', 'For later');
  await expect(page).toHaveURL(/\/compose\?draft=/);
  if (!scripted) return;
  // Saving took the place of its address, so the way back leads to the first.
  await page.goBack();
  await expectStored(page, typed);
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

/** Holds what the form sends until it is let on, which this answers with. */
async function hold(page: Page, act = (route: Route): Promise<void> => route.continue()): Promise<() => void> {
  let letOn = () => {};
  const held = new Promise<void>((resolve) => {
    letOn = resolve;
  });
  await page.route('**/api/submit/*', async (route) => {
    await held;
    await act(route);
  });
  return letOn;
}

/** Presses a button, and is in the inbox before the answer comes. */
async function leave(page: Page, action: string, doing: string): Promise<void> {
  await button(page, action).click();
  await expect(told(page, doing)).toBeVisible();
  await folders(page).getByRole('link', { name: /^Inbox/ }).click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(box(page, 'To')).toBeHidden();
}

for (const [action, doing, done] of [
  ['Send', 'Sending…', 'Message sent.'],
  ['Save draft', 'Saving…', 'Draft saved.'],
] as const) {
  test(`who leaves before "${action}" is answered is told, and led nowhere`, async ({ page, open, scripted, mailbox, peerBox, people }) => {
    test.skip(!scripted, 'without JavaScript the browser waits for the answer itself');
    await open(page, '/compose');
    await write(page, { to: people.peer.address, subject: 'Left early', text: 'Left.' });
    const letOn = await hold(page);
    await leave(page, action, doing);
    letOn();
    await expect(told(page, done)).toBeVisible();
    await expect(page).toHaveURL('/mail/INBOX');
    if (action === 'Send') await arrived(peerBox, 'INBOX', 'Left early');
    else await arrived(mailbox, 'Drafts', 'Left early');
    // The page is as alive as before.
    await page.getByRole('link', { name: 'New message' }).first().click();
    await expect(box(page, 'Subject')).toHaveValue('');
  });
}

test('what is refused after one has left is in Drafts, and why is told', async ({ page, open, scripted, mailbox }) => {
  test.skip(!scripted, 'without JavaScript the browser waits for the answer itself');
  await open(page, '/compose');
  await write(page, { to: 'nobody@posthorn.example', subject: 'Left and refused', text: 'Left.' });
  await attach(page, { name: 'work.txt', mimeType: 'text/plain', buffer: Buffer.from('hours of work') });
  const letOn = await hold(page);
  await leave(page, 'Send', 'Sending…');
  letOn();
  const word = alerted(page, 'Nothing was sent');
  await expect(word).toContainText('There is no mailbox with this name');
  await expect(word).toContainText('Draft saved.');
  await expect(page).toHaveURL('/mail/INBOX');
  const { raw } = await arrived(mailbox, 'Drafts', 'Left and refused');
  expect(leaves(raw)[1]?.content.toString()).toBe('hours of work');
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('who has left is told that there was no connection', async ({ page, open, scripted, expectErrors }) => {
  test.skip(!scripted, 'without JavaScript the browser waits for the answer itself');
  expectErrors(/ERR_FAILED/);
  await open(page, '/compose');
  await write(page, { subject: 'Left without a network' });
  const letOn = await hold(page, (route) => route.abort());
  await leave(page, 'Save draft', 'Saving…');
  letOn();
  await expect(alerted(page, 'There is no connection to Posthorn.')).toBeVisible();
  await expect(page).toHaveURL('/mail/INBOX');
});

test('what is typed while a draft is being saved stays', async ({ page, open, scripted, mailbox }) => {
  test.skip(!scripted, 'without JavaScript the page is loaded anew');
  await open(page, '/compose');
  await write(page, { subject: 'Still at it', text: 'Before.' });
  const letOn = await hold(page);
  await button(page, 'Save draft').click();
  await expect(told(page, 'Saving…')).toBeVisible();
  await write(page, { text: 'Before and after.' });
  letOn();
  await expect(told(page, 'Draft saved.')).toBeVisible();
  await expect(page).toHaveURL(/\/compose\?draft=/);
  await expectTyped(page, { subject: 'Still at it', text: 'Before and after.' });
  await expect(box(page, 'Message')).toBeFocused();
  expect(textOf((await arrived(mailbox, 'Drafts', 'Still at it')).raw).trimEnd()).toBe('Before.');
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
