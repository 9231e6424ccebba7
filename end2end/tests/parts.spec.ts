// What a message brings along: files in one archive, pictures and texts to look at, messages to read in place, and the
// whole of it on paper.
import { readFile } from 'node:fs/promises';
import { body, expect, messageAt, openMore, row, subject, test } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';
import { demo } from '../support/people.ts';

const GIF = Buffer.from('R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

test('several files come down as one archive', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 5));
  const link = page.getByRole('link', { name: /Download all.*7 files/ });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('Documents of many kinds.zip');
  const archive = await readFile(await download.path());
  expect(archive.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  expect(archive.includes(Buffer.from('Grüße aus Köln.txt'))).toBe(true);
});

test('pictures and texts can be looked at', async ({ page, open, signIn, mailbox, people, scripted, expectErrors }) => {
  // Chromium asks for an icon for a document without an origin, and may not have it.
  if (!scripted) expectErrors(/favicon\.ico/);
  const files = [
    { name: 'red.gif', type: 'image/gif', content: GIF },
    { name: 'notes.txt', type: 'text/plain', content: Buffer.from('<b>Zwölf</b> notes\n') },
  ];
  const uid = await mailbox.append('INBOX', mail({ subject: 'Look at these', files }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const previews = page.getByRole('list', { name: 'Previews' });
  await expect(previews.getByRole('link')).toHaveCount(2);
  await expect(previews.locator('img')).toHaveJSProperty('naturalWidth', 1);
  await previews.getByRole('link', { name: 'Show red.gif' }).click();
  if (!scripted) {
    await expect(page).toHaveURL(/\/preview\/2/);
    await page.goBack();
    await page.getByRole('link', { name: 'Show notes.txt' }).click();
    await expect(page.locator('pre')).toHaveText('<b>Zwölf</b> notes\n');
    return;
  }
  const dialog = page.getByRole('dialog', { name: 'Preview' });
  await expect(dialog.getByRole('img', { name: 'red.gif' })).toBeVisible();
  await expect(dialog).toContainText('1 of 2');
  await page.keyboard.press('ArrowRight');
  await expect(dialog.frameLocator('iframe').locator('pre')).toContainText('<b>Zwölf</b> notes');
  await expect(dialog.getByRole('button', { name: 'Next file' })).toBeDisabled();
  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toContainText('red.gif');
  // At the last one the arrow keeps the focus, and the keys stay here.
  const next = dialog.getByRole('button', { name: 'Next file' });
  await next.click();
  await expect(dialog).toContainText('notes.txt');
  await expect(next).toBeFocused();
  await page.keyboard.press('k');
  await expect(dialog).toContainText('red.gif');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('an attached message is read in place', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 10));
  const list = page.getByRole('list', { name: 'Attached messages' });
  await list.getByText('The original').click();
  await expect(page.frameLocator('iframe.nested-body').locator('body')).toContainText('I am the original.');
  await expect(subject(page)).toHaveText('Fwd: the original');
});

test('the whole message is there for printing', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 1));
  await openMore(page);
  const [print] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Print' }).click()]);
  await expect(print.getByRole('heading', { level: 1 })).toHaveText('Lunch on Friday?');
  await expect(print.locator('body')).toContainText('shall we have lunch on Friday?');
  await expect(print.locator('header')).toContainText('anna@posthorn.example');
  await print.close();
});

test('a long quote at the end is folded, and unfolds', async ({ page, open, signIn, mailbox, people }) => {
  const quote = Array.from({ length: 12 }, (_, i) => `> line ${i}`).join('\n');
  const uid = await mailbox.append('INBOX', mail({ subject: 'Quotes', text: `Yes.\n\nYou wrote:\n${quote}\n` }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page)).toContainText('Yes.');
  await expect(body(page).getByText('line 7')).toBeHidden();
  await body(page).getByText('Show quoted text').click();
  await expect(body(page).getByText('line 7')).toBeVisible();
});

test('the toolbar leads to the next message and back', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await row(page, 'Newest message').click();
  const toolbar = page.getByRole('group', { name: /./ }).filter({ has: page.getByRole('link', { name: 'Reply', exact: true }) });
  await toolbar.getByRole('link', { name: 'Next message' }).click();
  await expect(subject(page)).toHaveText(/Text and HTML differ/);
  await expect(body(page)).toContainText('This is the HTML');
  await toolbar.getByRole('link', { name: 'Previous message' }).click();
  await expect(subject(page)).toHaveText('Newest message');
  await expect(body(page)).toContainText('The newest one.');
});
