// The list as one scrolls it and as one does things to many messages: any place is reached at once, nothing jumps, and
// what was done can be taken back. Choosing works without JavaScript, too.
import type { Page } from '@playwright/test';
import { expect, goBack, list, openPalette, row, rows, subject, test, told } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';
import { demo } from '../support/people.ts';

const body = (page: Page) => page.locator('.list-body');
const box = (page: Page, text: string) => list(page).getByRole('listitem').filter({ hasText: text }).getByRole('checkbox');
const bulk = (page: Page) => page.getByRole('form', { name: 'Chosen messages' });

test('the whole folder is one list, and any place of it is reached', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await signIn(page, demo);
  await open(page, '/mail/Many');
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden();
  await expect(row(page, 'Message 120')).toBeVisible();
  const first = list(page).getByRole('listitem').filter({ hasText: 'Message 120' });
  await expect(first).toHaveAttribute('aria-posinset', '1');
  await expect(first).toHaveAttribute('aria-setsize', '120');
  // Only what is near is there.
  expect(await rows(page).count()).toBeLessThan(60);
  await body(page).evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(row(page, 'Message 001')).toBeVisible();
  await expect(list(page).getByRole('listitem').filter({ hasText: 'Message 001' })).toHaveAttribute('aria-posinset', '120');
  await body(page).evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await expect(row(page, /Message 06\d/).first()).toBeVisible();
});

test('the list stays where it is when a message is opened and left', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await signIn(page, demo);
  await open(page, '/mail/Many');
  await body(page).evaluate((element) => element.scrollTo(0, 4000));
  await expect(row(page, 'Message 070')).toBeVisible();
  const before = await body(page).evaluate((element) => element.scrollTop);
  await row(page, 'Message 070').click();
  await expect(subject(page)).toHaveText('Message 070');
  expect(await body(page).evaluate((element) => element.scrollTop)).toBe(before);
  await goBack(page);
  await expect(page).toHaveURL('/mail/Many');
  expect(await body(page).evaluate((element) => element.scrollTop)).toBe(before);
});

test('a page of the list that was linked to is where the list begins', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await signIn(page, demo);
  await open(page, '/mail/Many?page=2');
  await expect(row(page, 'Message 070')).toBeInViewport();
  await expect(row(page, 'Message 120')).not.toBeInViewport();
  await body(page).evaluate((element) => element.scrollTo(0, 0));
  await expect(row(page, 'Message 120')).toBeVisible();
});

test('what arrives on top moves nothing that is seen', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await mailbox.appendAll('INBOX', Array.from({ length: 60 }, (_, i) => mail({ subject: `Number ${i}.`, age: 100 - i })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await body(page).evaluate((element) => element.scrollTo(0, 2000));
  await expect(row(page, 'Number 30.')).toBeVisible();
  const place = async () => (await row(page, 'Number 30.').boundingBox())?.y;
  const before = await place();
  await mailbox.append('INBOX', mail({ subject: 'On top' }));
  await page.getByRole('link', { name: 'Check for new messages' }).click();
  await expect(page.getByText('61 messages')).toBeVisible();
  await expect.poll(place).toBe(before);
  await body(page).evaluate((element) => element.scrollTo(0, 0));
  await expect(row(page, 'On top')).toBeVisible();
});

test('several messages are chosen and archived, and brought back', async ({ page, open, signIn, mailbox, people, settled }) => {
  await mailbox.appendAll('INBOX', ['One', 'Two', 'Three', 'Four'].map((subject) => mail({ subject })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await expect(bulk(page)).toBeHidden();
  await box(page, 'Two').check({ force: true });
  await box(page, 'Three').check({ force: true });
  await expect(bulk(page)).toBeVisible();
  await bulk(page).getByRole('button', { name: 'Archive' }).click();
  await settled(page);
  await expect(row(page, 'Two')).toHaveCount(0);
  await expect(row(page, 'One')).toBeVisible();
  await expect(told(page, '2 messages archived.')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(2);
  await expect.poll(async () => (await mailbox.messages('INBOX')).length).toBe(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await settled(page);
  await expect(row(page, 'Two')).toBeVisible();
  await expect(row(page, 'Three')).toBeVisible();
  await expect(told(page, 'Undone.')).toBeVisible();
  expect(await mailbox.messages('INBOX')).toHaveLength(4);
  expect(await mailbox.messages('Archive')).toHaveLength(0);
});

test('Shift chooses all in between', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'without JavaScript each box is ticked by itself');
  await mailbox.appendAll('INBOX', ['One', 'Two', 'Three', 'Four'].map((subject) => mail({ subject })));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'Four').click({ force: true });
  await box(page, 'Two').click({ force: true, modifiers: ['Shift'] });
  await expect(bulk(page)).toContainText('3 chosen');
  await bulk(page).locator('summary').click();
  await bulk(page).getByRole('button', { name: 'Mark as read' }).click();
  await expect(told(page, '3 messages marked.')).toBeVisible();
  await expect(page).toHaveTitle('(1) Inbox – Posthorn');
  await expect.poll(async () => (await mailbox.messages('INBOX')).filter((one) => one.flags.includes('\\Seen')).length).toBe(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect(page).toHaveTitle('(4) Inbox – Posthorn');
});

test('the whole folder is chosen without having been loaded', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'without JavaScript one chooses what is on the page');
  await mailbox.appendAll('INBOX', Array.from({ length: 120 }, (_, i) => mail({ subject: `Number ${i}.`, age: 200 - i })));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'Number 119.').click({ force: true });
  await bulk(page).locator('summary').click();
  await bulk(page).getByRole('button', { name: 'Choose all 120' }).click();
  await expect(bulk(page)).toContainText('120 chosen');
  await bulk(page).getByRole('button', { name: 'Delete' }).click();
  await expect(told(page, '120 messages moved to the trash.')).toBeVisible();
  await expect(page.getByText('All done')).toBeVisible();
  expect(await mailbox.messages('Trash')).toHaveLength(120);
});

test('chosen messages are deleted for ever only after asking', async ({ page, open, signIn, mailbox, people, settled }) => {
  await mailbox.appendAll('Trash', ['One', 'Two', 'Three'].map((subject) => mail({ subject })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/Trash');
  await box(page, 'One').check({ force: true });
  await box(page, 'Three').check({ force: true });
  await bulk(page).getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete these messages for ever?' });
  await expect(dialog).toBeVisible();
  expect(await mailbox.messages('Trash')).toHaveLength(3);
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await settled(page);
  await expect(row(page, 'One')).toHaveCount(0);
  await expect(row(page, 'Two')).toBeVisible();
  await expect.poll(async () => (await mailbox.messages('Trash')).length).toBe(1);
});

test('the keyboard goes through the list and does what the buttons do', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'shortcuts want JavaScript');
  await mailbox.appendAll('INBOX', ['One', 'Two', 'Three'].map((subject) => mail({ subject })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.keyboard.press('j');
  await expect(row(page, 'Three')).toBeFocused();
  await page.keyboard.press('j');
  await expect(row(page, 'Two')).toBeFocused();
  await page.keyboard.press('o');
  await expect(subject(page)).toHaveText('Two');
  await page.keyboard.press('j');
  await expect(subject(page)).toHaveText('One');
  await page.keyboard.press('k');
  await expect(subject(page)).toHaveText('Two');
  await page.keyboard.press('s');
  await expect(row(page, 'Two')).toHaveAccessibleName(/Starred/);
  await page.keyboard.press('e');
  await expect(told(page, 'Archived.')).toBeVisible();
  await expect(subject(page)).toHaveText('One');
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(1);
  await page.keyboard.press('u');
  await expect(page).toHaveURL('/mail/INBOX');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await expect(page).toHaveURL('/compose');
});

test('the palette finds folders and commands', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'the palette wants JavaScript');
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await (await openPalette(page)).fill('neubau');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/mail/Projekte%2FNeubau%20S%C3%BCd');
  await (await openPalette(page)).fill('new message');
  await expect(page.getByRole('option', { name: 'New message c' })).toContainText('c');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/compose');
});

test('the palette finds people, and what begins with what is typed goes first', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'the palette wants JavaScript');
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await (await openPalette(page)).fill('ar');
  await expect(page.getByRole('option').first()).toHaveText('Archivee');
  await page.keyboard.press('Escape');
  await (await openPalette(page)).fill('juergen@');
  await page.getByRole('option', { name: 'Mail from Jürgen Müller' }).click();
  await expect(page).toHaveURL(/q=from%3Ajuergen%40zweite\.example(%20|\+)in%3Aall$/);
  await expect(row(page, 'Größe, Maße und Gewicht')).toBeVisible();
  await (await openPalette(page)).fill('write juerg');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/compose?to=juergen%40zweite.example');
});

test('messages are dragged onto a folder', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'dragging wants JavaScript');
  await mailbox.create('Ablage');
  await mailbox.appendAll('INBOX', ['One', 'Two', 'Three'].map((subject) => mail({ subject })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Two').dragTo(page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'Ablage' }));
  await expect(told(page, 'Moved.')).toBeVisible();
  await expect(row(page, 'Two')).toHaveCount(0);
  await expect.poll(async () => (await mailbox.messages('Ablage')).length).toBe(1);
});

test('what was chosen in one folder is not chosen in another', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'without JavaScript a page forgets its boxes');
  // The same UIDs in both, as far as the server gives them.
  await mailbox.appendAll('INBOX', ['One', 'Two'].map((subject) => mail({ subject })), ['\\Seen']);
  await mailbox.appendAll('Trash', ['Three', 'Four'].map((subject) => mail({ subject })), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await box(page, 'One').click({ force: true });
  await bulk(page).locator('summary').click();
  await bulk(page).getByRole('button', { name: 'Choose all 2' }).click();
  await expect(bulk(page)).toContainText('2 chosen');
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'Trash' }).click();
  await expect(row(page, 'Three')).toBeVisible();
  await expect(bulk(page)).toBeHidden();
  for (const text of ['Three', 'Four']) await expect(box(page, text)).not.toBeChecked();
});

test('the way back leads to the place in the list that one left', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'a page without JavaScript is where the browser left it');
  for (let n = 0; n < 60; n += 1) await mailbox.append('INBOX', mail({ subject: `Letter ${n}` }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  const list = page.locator('.list-body');
  const top = () => list.evaluate((element) => element.scrollTop);
  await list.evaluate((element) => element.scrollTo(0, 1500));
  await expect(row(page, 'Letter 40')).toBeVisible();
  await page.getByRole('link', { name: 'Archive' }).first().click();
  await expect(page).toHaveURL('/mail/Archive');
  await expect(page.getByRole('heading', { level: 1, name: 'Archive' })).toBeVisible();
  await page.goBack();
  await expect.poll(top).toBe(1500);
  // By a link one begins at the top.
  await page.getByRole('link', { name: 'Archive' }).first().click();
  await expect(page).toHaveURL('/mail/Archive');
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: /^Inbox/ }).click();
  await expect(row(page, 'Letter 59')).toBeVisible();
  await expect.poll(top).toBe(0);
});
