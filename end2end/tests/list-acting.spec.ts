// What a key or a button is about: the message that is open, the rows that are chosen, what was asked about, and never
// something that nobody sees. And where one is afterwards.
import type { Page } from '@playwright/test';
import { alerted, expect, folders, list, row, subject, test, told, tool } from '../support/fixtures.ts';
import { box, bulk, letters, search, searchBox } from '../support/choosing.ts';
import type { Imap } from '../support/imap.ts';
import { mail } from '../support/mail.ts';

test.beforeEach(({ scripted }) => {
  test.skip(!scripted, 'keys and the choice of more than a page want JavaScript');
});

test('a key is about the hit that is open, not about one with its number in the folder before', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.create('Eins');
  await mailbox.create('Zwei');
  const bystander = await mailbox.append('Eins', mail({ subject: 'A bystander' }), ['\\Seen']);
  expect(await mailbox.append('Zwei', mail({ subject: 'The hit' }), ['\\Seen', '\\Flagged'])).toBe(bystander);
  await signIn(page, people.me);
  await open(page, '/mail/Eins');
  await expect(row(page, 'A bystander')).toBeVisible();
  await search(page, 'in:all is:starred');
  await row(page, 'The hit').click();
  await expect(subject(page)).toHaveText('The hit');
  await page.keyboard.press('#');
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await expect.poll(async () => (await mailbox.messages('Zwei')).length).toBe(0);
  await expect.poll(async () => (await mailbox.messages('Eins')).length).toBe(1);
  await expect(page).toHaveURL(/^[^?]*\/mail\/Eins\?q=in%3Aall/);
});

test('from a hit in the inbox one gets back to the search', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'The hit' }), ['\\Seen', '\\Flagged']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await expect(row(page, 'One')).toBeVisible();
  await search(page, 'in:all is:starred');
  await row(page, 'The hit').click();
  await expect(subject(page)).toHaveText('The hit');
  await page.keyboard.press('e');
  await expect(page).toHaveURL(/\/mail\/INBOX\?q=in%3Aall/);
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(1);
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
});

test('what was chosen ends with its list', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three'), ['\\Seen']);
  await mailbox.append('Archive', mail({ subject: 'Far away' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'One').click({ force: true });
  await box(page, 'Three').click({ force: true });
  await expect(bulk(page)).toContainText('2 chosen');
  await search(page, 'in:all subject:far');
  await expect(row(page, 'Far away')).toBeVisible();
  await searchBox(page).blur();
  await page.keyboard.press('#');
  await folders(page).getByRole('link', { name: /^Inbox/ }).click();
  await expect(row(page, 'Two')).toBeVisible();
  await expect(bulk(page)).toBeHidden();
  await expect(row(page, 'One')).toBeVisible();
  expect(await mailbox.messages('INBOX')).toHaveLength(3);
  expect(await mailbox.messages('Trash')).toHaveLength(0);
});

test('what was asked about is what is deleted for ever', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('Trash', letters('One', 'Two', 'Three'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/Trash');
  const dialog = page.getByRole('dialog', { name: 'Delete this message for ever?' });
  await page.keyboard.press('j');
  await expect(row(page, 'Three')).toBeFocused();
  await page.keyboard.press('#');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(row(page, 'Three')).toBeFocused();
  await expect(bulk(page)).toBeHidden();
  await page.keyboard.press('j');
  await expect(row(page, 'Two')).toBeFocused();
  await page.keyboard.press('#');
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(row(page, 'Two')).toHaveCount(0);
  await expect(row(page, 'Three')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(2);
});

test('no key acts behind the sheet of shortcuts', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.keyboard.press('j');
  await expect(row(page, 'Two')).toBeFocused();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet.getByRole('button', { name: 'Dismiss' })).toBeFocused();
  await page.keyboard.press('e');
  await page.keyboard.press('j');
  await expect(sheet).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(row(page, 'Two')).toBeFocused();
  expect(await mailbox.messages('INBOX')).toHaveLength(2);
});

test('Escape closes a menu, and only then ends the choice', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'One').click({ force: true });
  await bulk(page).locator('summary').click();
  await expect(bulk(page).getByRole('button', { name: 'Mark as read' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(bulk(page).getByRole('button', { name: 'Mark as read' })).toBeHidden();
  await expect(bulk(page)).toContainText('1 chosen');
  await page.keyboard.press('Escape');
  await expect(bulk(page)).toBeHidden();
});

test('the whole list is chosen but for some', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', Array.from({ length: 120 }, (_, i) => mail({ subject: `Number ${i}.`, age: 200 - i })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'Number 119.').click({ force: true });
  await bulk(page).locator('summary').click();
  await bulk(page).getByRole('button', { name: 'Choose all 120' }).click();
  await page.keyboard.press('Escape');
  await box(page, 'Number 118.').click({ force: true });
  await expect(bulk(page)).toContainText('119 chosen');
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await expect(told(page, '119 messages archived.')).toBeVisible();
  await expect(row(page, 'Number 118.')).toBeVisible();
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
});

test('Shift chooses what was never loaded, too', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', Array.from({ length: 300 }, (_, i) => mail({ subject: `Number ${i}.`, age: 400 - i })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'Number 299.').click({ force: true });
  await page.locator('.list-body').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(row(page, 'Number 0.')).toBeVisible();
  await box(page, 'Number 0.').click({ force: true, modifiers: ['Shift'] });
  await expect(bulk(page)).toContainText('300 chosen');
});

test('a message that leaves the list of unread ones keeps its place', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three'));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX?filter=unread');
  await row(page, 'Two').click();
  await expect(subject(page)).toHaveText('Two');
  await page.keyboard.press('.');
  await expect(row(page, 'Two')).toHaveCount(0);
  await page.keyboard.press('j');
  await expect(subject(page)).toHaveText('One');
});

test('the way back does not lead to what was archived', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Two').click();
  await expect(subject(page)).toHaveText('Two');
  await page.keyboard.press('e');
  await expect(subject(page)).toHaveText('One');
  await page.keyboard.press('k');
  await expect(subject(page)).toHaveText('Three');
});

test('the focus goes on with the list', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two', 'Three', 'Four'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Four').click();
  await expect(subject(page)).toHaveText('Four');
  await tool(page, 'Archive').click();
  await expect(row(page, 'Three')).toBeFocused();
  await box(page, 'Three').click({ force: true });
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await expect(row(page, 'Two')).toBeFocused();
});

test('an Undo without a network can be tried again', async ({ page, context, open, signIn, mailbox, people, expectErrors }) => {
  expectErrors(/ERR_INTERNET_DISCONNECTED/);
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  // What the page loads when it is idle has come: this is about the Undo.
  await page.waitForFunction(() => {
    const names = performance.getEntriesByType('resource').map((one) => one.name);
    return ['reading', 'search', 'desk', 'entry'].every((chunk) => names.some((name) => name.includes(`split_${chunk}.`)));
  });
  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await expect(told(page, 'Archived.')).toBeVisible();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(alerted(page, 'It is not undone yet.')).toBeVisible();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
});

test('what fails in the background leaves the way back', async ({ page, open, signIn, mailbox, people, expectErrors }) => {
  expectErrors(/ERR_FAILED/);
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.keyboard.press('j');
  await page.route(/\/api\/rows/, (route) => route.abort());
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/rows'));
  await page.keyboard.press('e');
  await expect(told(page, 'Archived.')).toBeVisible();
  await failed;
  await page.unroute(/\/api\/rows/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
});

/** Waits until all is found; looks again where the mail server did not come to an end, which is said. */
async function all(page: Page): Promise<void> {
  const ended = page.getByText('The search was ended before it was through');
  await expect(async () => {
    await expect(row(page, 'Far one').locator('..').getByRole('checkbox')).toBeAttached({ timeout: 3000 });
    if (await ended.isVisible()) await page.getByRole('link', { name: 'Check for new messages' }).click();
    // What was found before stands until that is through.
    await expect(ended).toBeHidden({ timeout: 3000 });
  }).toPass({ timeout: 20_000 });
}

/** Three hits in two folders, and one that is none. Each test has a folder of another name: what was deleted is not found again. */
async function hits(mailbox: Imap, folder: string): Promise<void> {
  await mailbox.create(folder);
  await mailbox.append(folder, mail({ subject: 'Far one' }), ['\\Seen']);
  await mailbox.append(folder, mail({ subject: 'Far two' }));
  await mailbox.append('INBOX', mail({ subject: 'Far three' }), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'A bystander' }), ['\\Seen']);
}

test('what was done to some hits before it failed can be taken back', async ({ page, open, signIn, mailbox, people, expectErrors }) => {
  expectErrors(/ERR_FAILED/);
  await hits(mailbox, 'Fern G');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:far');
  await all(page);
  await searchBox(page).blur();
  await box(page, 'Far one').click({ force: true });
  await box(page, 'Far three').click({ force: true });
  // Each folder is a call: the second does not get through.
  let calls = 0;
  await page.route(/\/api\/change_many/, (route) => ((calls += 1) === 2 ? route.abort() : route.continue()));
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await expect(alerted(page, 'Archived. Not the rest: ')).toBeVisible();
  expect(await mailbox.messages('Archive')).toHaveLength(1);
  expect((await mailbox.messages('Fern G')).length + (await mailbox.messages('INBOX')).length).toBe(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(told(page, 'Undone.')).toBeVisible();
  expect(await mailbox.messages('Archive')).toHaveLength(0);
  expect((await mailbox.messages('Fern G')).length + (await mailbox.messages('INBOX')).length).toBe(4);
});

test('hits of several folders are archived together, and brought back by one key', async ({ page, open, signIn, mailbox, people }) => {
  await hits(mailbox, 'Fern A');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:far');
  await all(page);
  await searchBox(page).blur();
  await expect(list(page).getByRole('listitem')).toHaveCount(3);
  await box(page, 'Far one').click({ force: true });
  await box(page, 'Far three').click({ force: true });
  await expect(bulk(page)).toContainText('2 chosen');
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await expect(row(page, 'Far one')).toBeHidden();
  await expect(row(page, 'Far three')).toBeHidden();
  await expect(told(page, '2 messages archived.')).toBeVisible();
  await expect(page.getByText('1 message found')).toBeVisible();
  expect(await mailbox.messages('Archive')).toHaveLength(2);
  expect(await mailbox.messages('Fern A')).toHaveLength(1);
  await expect(row(page, 'Far two')).toBeFocused();
  await page.keyboard.press('z');
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect(row(page, 'Far one')).toBeVisible();
  await expect(row(page, 'Far three')).toBeVisible();
  await expect(page.getByText('3 messages found')).toBeVisible();
  expect(await mailbox.messages('Archive')).toHaveLength(0);
  expect(await mailbox.messages('Fern A')).toHaveLength(2);
  expect(await mailbox.messages('INBOX')).toHaveLength(2);
});

test('keys act on the hit with the focus, in its folder', async ({ page, open, signIn, mailbox, people }) => {
  await hits(mailbox, 'Fern B');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:far');
  await all(page);
  await searchBox(page).blur();
  const first = list(page).getByRole('listitem').first().getByRole('link');
  await page.keyboard.press('j');
  await expect(first).toBeFocused();
  await row(page, 'Far two').focus();
  await page.keyboard.press('s');
  await expect(row(page, 'Far two')).toHaveAccessibleName(/Starred/);
  await expect.poll(async () => (await mailbox.messages('Fern B')).some((one) => one.flags.includes('\\Flagged'))).toBe(true);
  await page.keyboard.press('x');
  await expect(bulk(page)).toContainText('1 chosen');
  await page.keyboard.press('Escape');
  await expect(bulk(page)).toBeHidden();
  await row(page, 'Far two').focus();
  await page.keyboard.press('#');
  await expect(row(page, 'Far two')).toBeHidden();
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await expect.poll(async () => (await mailbox.messages('Fern B')).length).toBe(1);
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
  await row(page, 'Far one').focus();
  await page.keyboard.press('o');
  await expect(subject(page)).toHaveText('Far one');
});

test('a hit that is opened is read among the others, without another search', async ({ page, open, signIn, mailbox, people }) => {
  await hits(mailbox, 'Fern D');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:far');
  await all(page);
  await searchBox(page).blur();
  const searches: string[] = [];
  page.on('request', (request) => {
    if (/\/api\/(search|window)/.test(request.url())) searches.push(request.url());
  });
  const rows = list(page).getByRole('listitem').filter({ visible: true });
  const names = await rows.getByRole('link').locator('.row-text').allTextContents();
  await rows.first().getByRole('link').click();
  await expect(subject(page)).toHaveText(names[0]);
  await expect(rows).toHaveCount(3);
  await page.keyboard.press('j');
  await expect(subject(page)).toHaveText(names[1]);
  await expect(page).toHaveURL(/in%3Aall/);
  // The toolbar leads to the same ones.
  await page.getByRole('link', { name: 'Next message' }).click();
  await expect(subject(page)).toHaveText(names[2]);
  await page.getByRole('link', { name: 'Previous message' }).click();
  await expect(subject(page)).toHaveText(names[1]);
  expect(searches).toEqual([]);
  // What goes makes room for the one after it.
  await page.keyboard.press('#');
  await expect(subject(page)).toHaveText(names[2]);
  await expect(rows).toHaveCount(2);
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
  await page.keyboard.press('u');
  await expect(page).toHaveURL(/\/mail\/INBOX\?q=in%3Aall/);
  await expect(rows).toHaveCount(2);
});

test('what would be gone for ever among hits is asked about', async ({ page, open, signIn, mailbox, people }) => {
  await hits(mailbox, 'Fern C');
  await mailbox.append('Trash', mail({ subject: 'Far gone' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/Trash');
  await search(page, 'in:all subject:far');
  await all(page);
  await searchBox(page).blur();
  const dialog = page.getByRole('dialog', { name: 'Delete these messages for ever?' });
  await box(page, 'Far gone').click({ force: true });
  await box(page, 'Far one').click({ force: true });
  await bulk(page).getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await mailbox.messages('Trash')).toHaveLength(1);
  await bulk(page).getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(row(page, 'Far gone')).toBeHidden();
  await expect.poll(async () => (await mailbox.messages('Fern C')).length).toBe(1);
  // That one went to the trash, the one that was there is gone.
  const trash = await mailbox.messages('Trash');
  expect(trash.map((one) => /Subject: (.*)/.exec(one.raw.toString())?.[1]?.trim())).toEqual(['Far one']);
});

test('z takes back what a key did, and does nothing where there is nothing to take back', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.keyboard.press('z');
  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await expect(told(page, 'Archived.')).toBeVisible();
  await page.keyboard.press('z');
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Undo');
});
