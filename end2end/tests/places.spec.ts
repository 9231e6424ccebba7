// Where one is stays where it was: in the list, in the history, under the keys, whatever is opened, closed or asked again.
import { body, expect, goBack, list, messageAt, openMore, row, rows, subject, test } from '../support/fixtures.ts';
import { letters, search } from '../support/choosing.ts';
import { mail } from '../support/mail.ts';

test.beforeEach(({ scripted }) => {
  test.skip(!scripted, 'without JavaScript each page is a page of its own');
});

test('a hit in another folder is opened without searching anew', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('Archive', letters('Report one', 'Report two', 'Else'), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'Report of the inbox' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:archive subject:report');
  await expect(rows(page)).toHaveCount(2);
  let searches = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/search') searches += 1;
  });
  await row(page, 'Report one').click();
  await expect(subject(page)).toHaveText('Report one');
  await expect(rows(page)).toHaveCount(2);
  await row(page, 'Report two').click();
  await expect(subject(page)).toHaveText('Report two');
  await expect(rows(page)).toHaveCount(2);
  expect(searches).toBe(0);
  // What happens in that folder shows.
  const uid = Number(/\/(\d+)\?/.exec((await row(page, 'Report one').getAttribute('href')) ?? '')?.[1]);
  await mailbox.setFlags('Archive', `${uid}`, ['\\Flagged']);
  await expect(row(page, 'Report one')).toContainText('Starred');
});

test('looking for new messages leaves the open one open', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'One').click();
  await expect(subject(page)).toHaveText('One');
  await expect(page).toHaveURL(/\/INBOX\/\d+/);
  await page.getByRole('link', { name: 'Check for new messages' }).click();
  await page.waitForTimeout(300);
  await expect(subject(page)).toHaveText('One');
  await expect(page).toHaveURL(/\/INBOX\/\d+/);
});

test('a conversation of which one message is read is not read', async ({ page, open, signIn, mailbox, people, settled }) => {
  const said = (subjectText: string, id: string, references: string, age: number) => mail({ subject: subjectText, id, references, age });
  await mailbox.append('INBOX', said('Picnic', 'one@test.example', '', 50));
  await mailbox.append('INBOX', said('Re: Picnic', 'two@test.example', '<one@test.example>', 40));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.locator('.list-tools summary').click();
  await page.getByRole('button', { name: 'Group messages by conversation' }).click();
  await settled(page);
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 'Re: Picnic')).toHaveAccessibleName(/Unread/);
  await row(page, 'Re: Picnic').click();
  await expect(body(page)).not.toBeEmpty();
  await expect.poll(async () => (await mailbox.messages('INBOX')).filter((message) => message.flags.includes('\\Seen')).length).toBe(1);
  await page.waitForTimeout(500);
  await expect(row(page, 'Re: Picnic')).toHaveAccessibleName(/Unread/);
  // The other one, too: then it is.
  await page.getByRole('navigation', { name: /1 earlier/ }).getByRole('link').first().click();
  await expect(subject(page)).toHaveText('Picnic');
  await expect(row(page, 'Re: Picnic')).not.toHaveAccessibleName(/Unread/);
});

test('menus fit low windows', async ({ page, open, signIn, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Low' }), ['\\Seen']);
  await signIn(page, people.me);
  await page.setViewportSize({ width: 844, height: 390 });
  await open(page, messageAt('INBOX', uid));
  await openMore(page);
  const panel = page.locator('.menu[open] .menu-panel');
  const source = panel.getByRole('link', { name: 'Download source' });
  await source.scrollIntoViewIfNeeded();
  const box = await panel.boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 999)).toBeLessThanOrEqual(390);
  await expect(source).toBeInViewport({ ratio: 0.9 });
  await page.keyboard.press('Escape');
  for (const key of ['Control+k', '?']) {
    await page.keyboard.press(key);
    const above = await page.locator(':popover-open').boundingBox();
    expect(above?.y ?? -1, key).toBeGreaterThanOrEqual(0);
    expect((above?.y ?? 0) + (above?.height ?? 999), key).toBeLessThanOrEqual(390);
    await page.keyboard.press('Escape');
  }
});

test('a click into the text closes the menu', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'Text', text: 'Read me' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Text').click();
  await expect(body(page)).toContainText('Read me');
  await openMore(page);
  await expect(page.locator('.menu[open]')).toHaveCount(1);
  await body(page).click({ position: { x: 20, y: 20 } });
  await expect(page.locator('.menu[open]')).toHaveCount(0);
});

test('keys scroll on when the row they began at has gone', async ({ page, open, signIn, mailbox, people }) => {
  const many = Array.from({ length: 120 }, (_, n) => `Letter ${n + 1}`);
  await mailbox.appendAll('INBOX', letters(...many), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await rows(page).first().focus();
  await page.keyboard.press('End');
  await expect(row(page, /Letter 1(?!\d)/)).toBeInViewport();
  await page.keyboard.press('Home');
  await expect(row(page, 'Letter 120')).toBeInViewport();
  await page.keyboard.press('j');
  await expect(list(page).locator('a:focus')).toHaveCount(1);
});

test('the way back on a phone ends at the row one came from', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters(...Array.from({ length: 60 }, (_, n) => `Letter ${n + 1}`)), ['\\Seen']);
  await signIn(page, people.me);
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, '/mail/INBOX');
  const deep = row(page, /Letter 48(?!\d)/);
  await deep.scrollIntoViewIfNeeded();
  await deep.focus();
  await page.keyboard.press('Enter');
  await expect(subject(page)).toHaveText('Letter 48');
  await expect(page).toHaveURL(/\/INBOX\/\d+/);
  // What comes meanwhile moves nothing.
  await mailbox.appendAll('INBOX', letters('New one', 'New two', 'New three'), ['\\Seen']);
  await expect(page.locator('.list-total')).toHaveText('63 messages');
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await expect(deep).toBeFocused();
  await expect(deep).toBeInViewport();
});

test('the address is that of the message that shows, after Back and Forward too', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters('One', 'Two'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  const address = async (text: string) => (await row(page, text).getAttribute('href')) ?? '';
  const [one, two] = [await address('One'), await address('Two')];
  const at = (href: string) => page.waitForURL((url) => url.pathname + url.search === href);
  await row(page, 'One').click();
  await at(one);
  await row(page, 'Two').click();
  await at(two);
  await goBack(page);
  await at(one);
  await page.goForward();
  await at(two);
  await row(page, 'One').click();
  await at(one);
  await expect(subject(page)).toHaveText('One');
  await page.goBack();
  await at(two);
  await expect(subject(page)).toHaveText('Two');
});

test('a search in all folders shows hits of all of them', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.appendAll('INBOX', letters(...Array.from({ length: 230 }, (_, n) => `Invoice ${n + 1}`)), ['\\Seen']);
  await mailbox.appendAll('Archive', letters('Invoice of the archive', 'Older invoice of the archive'), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await search(page, 'in:all subject:invoice');
  await expect(page.locator('.finding').first()).toHaveText('232 messages found');
  await expect(row(page, 'of the archive')).toHaveCount(2);
  await expect(page.getByText(/\d+ of 232 are shown/)).toBeVisible();
});
