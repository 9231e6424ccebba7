// What a key or a button is about after one has gone elsewhere: back in the history, to another folder, into a search that
// names its folder. And what it does with an open message that goes.
import { expect, folders, row, rows, subject, test } from '../support/fixtures.ts';
import { box, bulk, letters, search, searchBox } from '../support/choosing.ts';
import { mail } from '../support/mail.ts';

test.beforeEach(({ scripted }) => {
  test.skip(!scripted, 'keys want JavaScript');
});

test('folders are opened after a search in all of them', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'Report of the inbox' }), ['\\Seen']);
  await mailbox.append('Archive', mail({ subject: 'Report of the archive' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:report');
  await expect(rows(page)).toHaveCount(2);
  await folders(page).getByRole('link', { name: /^Inbox/ }).click();
  await expect(rows(page)).toHaveText([/Report of the inbox/]);
  await folders(page).getByRole('link', { name: /^Archive/ }).click();
  await expect(rows(page)).toHaveText([/Report of the archive/]);
});

test('after Back a key is about the message that shows', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Three').click();
  await expect(subject(page)).toHaveText('Three');
  await row(page, 'One').click();
  await expect(subject(page)).toHaveText('One');
  await expect(page).toHaveURL(/\/mail\/INBOX\/\d+/);
  await page.goBack();
  await expect(subject(page)).toHaveText('Three');
  await expect(row(page, 'Three')).toBeFocused();
  await page.keyboard.press('#');
  await expect(row(page, 'Three')).toHaveCount(0);
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await expect(row(page, 'One')).toBeVisible();
});

test('keys work in a search that names its folder', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'Stays' }), ['\\Seen']);
  await mailbox.appendAll('Archive', letters('Old one', 'Old two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:archive subject:old');
  // Rows show as they are found; keys are about the list that they become.
  await expect(page.locator('.list-total')).toHaveText('2 messages');
  await searchBox(page).blur();
  await page.keyboard.press('j');
  await expect(row(page, 'Old two')).toBeFocused();
  await page.keyboard.press('j');
  await expect(row(page, 'Old one')).toBeFocused();
  await page.keyboard.press('#');
  await expect(row(page, 'Old one')).toHaveCount(0);
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(1);
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
});

test('s is about what is chosen', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  const starred = await mailbox.append('INBOX', mail({ subject: 'Starred before' }), ['\\Seen', '\\Flagged']);
  await signIn(page, people.me);
  await open(page, `/mail/INBOX/${starred}`);
  await box(page, 'One').click({ force: true });
  await box(page, 'Two').click({ force: true });
  await page.keyboard.press('s');
  const stars = async () => (await mailbox.messages('INBOX')).filter((message) => message.flags.includes('\\Flagged')).length;
  await expect.poll(stars).toBe(3);
});

test('an open message that is archived among the chosen ones does not stay', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Two').click();
  await expect(subject(page)).toHaveText('Two');
  await expect(page).toHaveURL(/\/mail\/INBOX\/\d+/);
  await box(page, 'Two').click({ force: true });
  await box(page, 'Three').click({ force: true });
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await expect(row(page, 'Two')).toHaveCount(0);
  await expect(page).toHaveURL(/\/mail\/INBOX(\?|$)/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Inbox');
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(2);
});

test('what is archived is not archived again, and drafts are no spam', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('Archive', mail({ subject: 'Kept' }), ['\\Seen']);
  await mailbox.append('Drafts', mail({ subject: 'Half a letter' }), ['\\Seen', '\\Draft']);
  await signIn(page, people.me);
  for (const [address, text, key] of [['/mail/Archive', 'Kept', 'e'], ['/mail/Drafts', 'Half a letter', '!']] as const) {
    await open(page, address);
    await page.keyboard.press('j');
    await expect(row(page, text)).toBeFocused();
    await page.keyboard.press(key);
    await page.keyboard.press('s');
    // The next key has been done, and this one has not.
    await expect(row(page, text)).toContainText('Starred');
    await expect(row(page, text)).toBeVisible();
  }
  expect(await mailbox.messages('Junk')).toHaveLength(0);
  expect(await mailbox.messages('Drafts')).toHaveLength(1);
});

test('what is deleted in a search of the trash is asked about, wherever that was begun', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('Trash', letters('Old one', 'Old two'), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'Newer' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:trash subject:old');
  await expect(page.locator('.list-total')).toHaveText('2 messages');
  await searchBox(page).blur();
  await page.keyboard.press('j');
  await page.keyboard.press('#');
  const dialog = page.getByRole('dialog', { name: 'Delete this message for ever?' });
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await open(page, '/mail/Trash');
  await search(page, 'in:inbox subject:newer');
  await expect(page.locator('.list-total')).toHaveText('1 message');
  await searchBox(page).blur();
  await page.keyboard.press('j');
  await page.keyboard.press('#');
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(2);
  expect(await mailbox.messages('INBOX')).toHaveLength(0);
});
