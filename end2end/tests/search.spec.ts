// Searching, filtering and sorting, with JavaScript and without: what is asked for stands in the address, hits are
// marked, and what could not be meant is said.
import type { Page } from '@playwright/test';
import { expect, folders, listAt, row, rows, subject, test } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';
import { demo } from '../support/people.ts';

const box = (page: Page) => page.getByRole('searchbox', { name: 'Search mail' });

async function search(page: Page, query: string): Promise<void> {
  await box(page).fill(query);
  await box(page).press('Enter');
}

test('a search finds in the folder, marks the hits and is left again', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await search(page, 'subject:lunch');
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL('/mail/INBOX?q=subject%3Alunch');
  await expect(page.locator('mark').first()).toHaveText('Lunch');
  await expect(box(page)).toHaveValue('subject:lunch');
  await row(page, 'Re: Lunch on Friday?').click();
  await expect(subject(page)).toHaveText('Re: Lunch on Friday?');
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('link', { name: /subject:lunch.*: remove/ }).click();
  await expect(rows(page)).toHaveCount(14);
});

test('operators are understood in German, too', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await search(page, 'ist:markiert');
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 'Größe, Maße und Gewicht')).toBeVisible();
  await search(page, 'betreff:lunch');
  await expect(rows(page)).toHaveCount(2);
});

test('what cannot be meant is said, and the rest counts', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX?q=before%3Asomeday+subject%3Alunch');
  await expect(page.getByText('“before:someday” is not a date.')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
});

test('nothing found is said kindly', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await search(page, 'subject:nowhere-to-be-found');
  await expect(page.getByText('Nothing found')).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
});

test('what may be why nothing is found is said', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  const short = page.getByText('Many mail servers do not find words of one or two letters, such as “qx”.');
  for (const query of ['subject:qx', 'in%3Aall+subject:qx']) {
    await open(page, `/mail/INBOX?q=${query}`);
    await expect(page.getByText('Nothing found')).toBeVisible();
    await expect(short).toBeVisible();
  }
  await open(page, '/mail/INBOX?q=before%3Asomeday+subject%3Anowhere');
  await expect(page.getByText('Nothing found')).toBeVisible();
  await expect(page.getByText('“before:someday” is not a date.')).toBeVisible();
  await expect(short).toHaveCount(0);
});

test('what is not in this folder is looked for in all of them', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('Archive', mail({ subject: 'A rare ibex' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'subject:"rare ibex"');
  await page.getByRole('link', { name: 'Search all folders' }).click();
  await expect(row(page, 'A rare ibex')).toBeVisible();
  await expect(box(page)).toHaveValue('subject:"rare ibex" in:all');
  await search(page, 'subject:nowhere in:all');
  await expect(page.getByText('Nothing found')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Search all folders' })).toHaveCount(0);
});

test('a search in all folders names the folder of each hit, the newest first', async ({ page, open, signIn, mailbox, people, scripted }) => {
  await mailbox.append('INBOX', mail({ subject: 'A rare walrus', age: 60 }), ['\\Seen']);
  await mailbox.append('Archive', mail({ subject: 'Another rare walrus', age: 300 }), ['\\Seen']);
  await mailbox.append('Archive', mail({ subject: 'The newest walrus' }), ['\\Seen']);
  await mailbox.append('Archive', mail({ subject: 'Something else' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:anywhere subject:walrus');
  await expect(page.getByText('3 messages found')).toBeVisible({ timeout: 15_000 });
  await expect(rows(page)).toContainText(['The newest walrus', 'A rare walrus', 'Another rare walrus']);
  await expect(row(page, 'Another rare walrus')).toContainText('Archive');
  // A form would be about one folder.
  await expect(page.getByRole('checkbox', { name: 'Choose: Another rare walrus' })).toHaveCount(scripted ? 1 : 0);
  await row(page, 'Another rare walrus').click();
  await expect(subject(page)).toHaveText('Another rare walrus');
  expect(new URL(page.url()).pathname).toMatch(/^\/mail\/Archive\/\d+$/);
});

test('hostile searches are nothing but words', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  for (const query of ['"', '\\', '<script>window.pwned=1</script>', 'a\u0000b', '{3+}', '💥'.repeat(60), 'x'.repeat(900)]) {
    expect(await open(page, `/mail/INBOX?q=${encodeURIComponent(query)}`)).toBe(200);
    await expect(folders(page)).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Inbox');
  }
  await expect(page.locator('script').filter({ hasText: 'pwned' })).toHaveCount(0);
});

test('filters show some, orders show all in another order', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  const options = page.locator('.list-tools summary');
  await options.click();
  await page.getByRole('link', { name: 'Starred', exact: true }).click();
  await expect(page).toHaveURL('/mail/INBOX?filter=starred');
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('link', { name: 'Starred: remove' }).click();
  await expect(rows(page)).toHaveCount(14);
  await open(page, '/mail/INBOX?sort=subject');
  await expect(rows(page)).toHaveCount(14);
  const texts = await rows(page).locator('.row-text').allTextContents();
  const base = texts.map((text) => text.replace(/^(Re|Fwd): /, '').trim());
  expect(base.indexOf('A picture inside')).toBeLessThan(base.indexOf('Newest message'));
  await open(page, '/mail/INBOX?sort=starred');
  await expect(rows(page).first()).toHaveAccessibleName(/Starred/);
  await expect(rows(page).nth(1)).not.toHaveAccessibleName(/Starred/);
});

test('a sorted folder is scrolled like any other', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await signIn(page, demo);
  await open(page, `${listAt('Many')}?sort=subject`);
  await expect(rows(page).first()).toContainText('Message 001');
  await page.locator('.list-body').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(row(page, 'Message 120')).toBeVisible();
});

test('a search in a folder follows what happens in it', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(!scripted, 'without JavaScript a page shows what was there when it was asked for');
  await mailbox.append('INBOX', mail({ subject: 'A rare heron' }), ['\\Seen']);
  const going = await mailbox.append('INBOX', mail({ subject: 'A rare heron that goes' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX?q=subject%3Aheron');
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('checkbox', { name: 'Choose: A rare heron', exact: true }).click({ force: true });
  const coming = await mailbox.append('INBOX', mail({ subject: 'A new heron' }), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'Something else' }), ['\\Seen']);
  await expect(row(page, 'A new heron')).toBeVisible({ timeout: 15_000 });
  await mailbox.setFlags('INBOX', String(coming), ['\\Flagged']);
  await expect(row(page, 'A new heron')).toHaveAccessibleName(/Starred/, { timeout: 15_000 });
  await mailbox.expunge('INBOX', going);
  await expect(row(page, 'A rare heron that goes')).toHaveCount(0, { timeout: 15_000 });
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole('form', { name: 'Chosen messages' })).toContainText('1 chosen');
});
