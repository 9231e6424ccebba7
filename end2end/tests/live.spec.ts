// What happens in the mailbox shows in an open page by itself; without JavaScript a reload shows it.
import { type IncomingMessage, get } from 'node:http';
import type { Page } from '@playwright/test';
import { body, expect, folders, goBack, list, row, rows, signInBy, test, told } from '../support/fixtures.ts';
import { Gate } from '../support/gate.ts';
import { deliver } from '../support/lmtp.ts';
import { mail } from '../support/mail.ts';

/** What happens at the mail server shows in half a second or so; how busy this machine is is not tested. */
const SOON = { timeout: 10_000 };

/** Waits until the page listens, from the very beginning on. */
async function listening(page: Page, act: () => Promise<unknown>): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().includes('/api/events') && response.status() === 200);
  await act();
  await answer;
  // The server's own listening begins with the first page.
  await page.waitForTimeout(1_000);
}

test.describe('with JavaScript', () => {
  test.skip(({ scripted }) => !scripted, 'without JavaScript nothing moves by itself');

  test('a mail that arrives shows in the list, the count and the title', async ({ page, open, signIn, mailbox, people }) => {
    await mailbox.append('INBOX', mail({ subject: 'There before' }), ['\\Seen']);
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await expect(page).toHaveTitle('Inbox – Posthorn');
    await page.evaluate(() => Object.assign(window, { same: true }));
    await deliver(people.me.address, mail({ subject: 'Just arrived', to: people.me.address }));
    await expect(row(page, 'Just arrived')).toBeVisible(SOON);
    await expect(row(page, 'Just arrived')).toHaveAccessibleName(/^Unread, /);
    await expect(page).toHaveTitle('(1) Inbox – Posthorn', SOON);
    await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 1 unread$/ })).toBeVisible();
    expect(await page.evaluate(() => 'same' in window), 'the page is the same').toBe(true);
  });

  test('what another program does to messages shows', async ({ page, open, signIn, mailbox, people }) => {
    const first = await mailbox.append('INBOX', mail({ subject: 'First', age: 2 }));
    const second = await mailbox.append('INBOX', mail({ subject: 'Second', age: 1 }));
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await expect(page).toHaveTitle('(2) Inbox – Posthorn');
    await mailbox.setFlags('INBOX', String(first), ['\\Flagged']);
    await expect(row(page, 'First')).toHaveAccessibleName(/Starred/, SOON);
    await mailbox.setFlags('INBOX', String(second), ['\\Seen']);
    await expect(row(page, 'Second')).not.toHaveAccessibleName(/Unread/, SOON);
    await expect(page).toHaveTitle('(1) Inbox – Posthorn', SOON);
    await mailbox.expunge('INBOX', first);
    await expect(row(page, 'First')).toHaveCount(0, SOON);
    await expect(page).toHaveTitle('Inbox – Posthorn', SOON);
    await expect(rows(page)).toHaveCount(1);
  });

  test('the counts of folders that are not shown are right, and folders that come show', async ({ page, open, signIn, mailbox, people }) => {
    test.setTimeout(110_000);
    // Of a folder that is not open, or is new, Dovecot tells half a minute late once it has begun a new file of its index
    // (server/imap/watch.rs), and one is listened for across these tests.
    const LATE = { timeout: 40_000 };
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await mailbox.append('Archive', mail({ subject: 'Elsewhere' }));
    await expect(folders(page).getByRole('link', { name: /^Archive\s*, 1 unread$/ })).toBeVisible(LATE);
    await expect(page).toHaveTitle('Inbox – Posthorn');
    await mailbox.create('Neues');
    await expect(folders(page).getByRole('link', { name: 'Neues' })).toBeVisible(LATE);
  });

  test('two tabs agree, each about the folder it shows', async ({ page, context, open, signIn, mailbox, people }) => {
    await mailbox.append('INBOX', mail({ subject: 'Known' }));
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    const other = await context.newPage();
    await listening(other, () => open(other, '/mail/Archive'));
    await expect(other).toHaveTitle('(1) Archive – Posthorn');
    // One reads it: the other's count and title follow.
    await row(page, 'Known').click();
    await expect(page).toHaveURL(/\/mail\/INBOX\/\d+/);
    await expect(other).toHaveTitle('Archive – Posthorn', SOON);
    await page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: 'Archive', exact: true }).click();
    await expect(row(other, 'Known')).toBeVisible(SOON);
    await expect(rows(page)).toHaveCount(0);
  });

  test('what was read here and is unread elsewhere is unread here too', async ({ page, open, signIn, mailbox, people }) => {
    const uid = await mailbox.append('INBOX', mail({ subject: 'Twice' }));
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await row(page, 'Twice').click();
    await expect(row(page, 'Twice')).not.toHaveAccessibleName(/^Unread/);
    await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('\\Seen');
    // For a second after it has opened a message the page holds it for read, whatever is told (ui/mailbox.rs).
    await page.waitForTimeout(3_000);
    await mailbox.setFlags('INBOX', String(uid), ['\\Seen'], false);
    await expect(row(page, 'Twice')).toHaveAccessibleName(/^Unread/, SOON);
    await expect(page).toHaveTitle(/Twice/);
  });

  test('a folder that is opened later is listened to', async ({ page, open, signIn, mailbox, people }) => {
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await listening(page, () => folders(page).getByRole('link', { name: 'Archive' }).click());
    await mailbox.append('Archive', mail({ subject: 'Filed' }));
    await expect(row(page, 'Filed')).toBeVisible(SOON);
    await expect(list(page)).toBeVisible();
  });

  test('how full the mailbox is follows what comes and goes', async ({ page, open, signIn, mailbox, people }) => {
    test.setTimeout(70_000);
    await mailbox.messages('INBOX');
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    const used = page.locator('.quota-used');
    await expect(used).toHaveText(/ of 5\.4 GB$/);
    await expect(used).not.toHaveText(/MB of/);
    const large = mail({ subject: 'Large', files: [{ name: 'a.bin', type: 'application/octet-stream', content: Buffer.alloc(2_000_000, 1) }] });
    await mailbox.append('Archive', large);
    // Dovecot may say half a minute late what came into a folder that is not open.
    await expect(used).toHaveText(/^2\.\d MB of 5\.4 GB$/, { timeout: 40_000 });
    await mailbox.append('INBOX', large);
    await expect(used).toHaveText(/^5\.\d MB of 5\.4 GB$/, SOON);
  });

  test('that the mail server is away is said calmly, and that it is back', async ({ page, serverWith, signIn, settled, mailbox, people }) => {
    test.slow();
    const gate = await Gate.open();
    const server = await serverWith({ POSTHORN_IMAP_URL: gate.url });
    await mailbox.append('INBOX', mail({ subject: 'There before' }));
    await signIn(page, people.me, server);
    await listening(page, async () => {
      await page.goto(`${server.url}/mail/INBOX`);
      await settled(page);
    });
    gate.shut();
    await expect(told(page, 'Connection to the mail server lost, trying again …')).toBeVisible(SOON);
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveCount(0);
    await mailbox.append('INBOX', mail({ subject: 'Meanwhile' }));
    await gate.reopen();
    await expect(told(page, 'Connected again.')).toBeVisible({ timeout: 30_000 });
    await expect(row(page, 'Meanwhile')).toBeVisible(SOON);
    await expect(page.getByText('Connected again.')).toHaveCount(0, SOON);
    await gate.close();
  });

  test('hits and what is chosen of them stay when the mail server is back', async ({ page, serverWith, signIn, settled, mailbox, people }) => {
    test.slow();
    const gate = await Gate.open();
    const server = await serverWith({ POSTHORN_IMAP_URL: gate.url });
    await mailbox.append('INBOX', mail({ subject: 'Far and wide' }), ['\\Seen']);
    await signIn(page, people.me, server);
    await listening(page, async () => {
      await page.goto(`${server.url}/mail/INBOX?q=in%3Aall+subject%3Afar`);
      await settled(page);
    });
    await list(page).getByRole('checkbox').check({ force: true });
    gate.shut();
    await expect(told(page, 'Connection to the mail server lost, trying again …')).toBeVisible(SOON);
    const counted = page.waitForResponse((response) => response.url().includes('/api/folders'), { timeout: 30_000 });
    await gate.reopen();
    await (await counted).finished();
    await expect(told(page, 'Connected again.')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('form', { name: 'Chosen messages' })).toContainText('1 chosen');
    await expect(row(page, 'Far and wide')).toBeVisible();
    await gate.close();
  });

  test('a message that could not be had comes by itself, or when it is opened again', async ({ page, serverWith, signIn, settled, mailbox, people, expectErrors }) => {
    test.slow();
    expectErrors(/^503 /, /Failed to load resource/);
    const gate = await Gate.open();
    const server = await serverWith({ POSTHORN_IMAP_URL: gate.url });
    await mailbox.append('INBOX', mail({ subject: 'Not at once', text: 'Here at last.' }));
    await signIn(page, people.me, server);
    await listening(page, async () => {
      await page.goto(`${server.url}/mail/INBOX`);
      await settled(page);
    });
    gate.shut();
    await row(page, 'Not at once').click();
    await expect(body(page)).toContainText('The mail server cannot be reached.', SOON);
    await expect(page.getByRole('heading', { name: 'The mail server cannot be reached.' })).toBeVisible(SOON);
    // Back to the list, and once more: it is asked for anew, not shown again.
    const again = page.waitForRequest(/\/body/);
    await goBack(page);
    await expect(page.getByText('Choose a message to read it here.')).toBeVisible();
    await row(page, 'Not at once').click();
    await again;
    await expect(body(page)).toContainText('The mail server cannot be reached.', SOON);
    await expect(told(page, 'Connection to the mail server lost, trying again …')).toBeVisible(SOON);
    await gate.reopen();
    await expect(body(page)).toContainText('Here at last.', { timeout: 30_000 });
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not at once');
    await gate.close();
  });

  test('a body alone that could not be had is asked for again', async ({ page, open, signIn, mailbox, people, expectErrors }) => {
    expectErrors(/^503 /, /Failed to load resource/);
    await mailbox.append('INBOX', mail({ subject: 'Only once', text: 'Here at last.' }));
    await signIn(page, people.me);
    await open(page, '/mail/INBOX');
    // As the server says it, for the first time only.
    let asked = 0;
    await page.route(/\/body/, async (route) => {
      asked += 1;
      if (asked > 1) return await route.continue();
      await route.fulfill({ status: 503, contentType: 'text/html', body: '<p>Not now.</p><iframe hidden></iframe>' });
    });
    await row(page, 'Only once').click();
    await expect(body(page)).toContainText('Not now.');
    await goBack(page);
    await expect(page.getByText('Choose a message to read it here.')).toBeVisible();
    await row(page, 'Only once').click();
    await expect(body(page)).toContainText('Here at last.');
    // What is there is not asked for again.
    await folders(page).getByRole('link', { name: /^Inbox/ }).click();
    await expect(page.getByText('Choose a message to read it here.')).toBeVisible();
    await row(page, 'Only once').click();
    await expect(body(page)).toContainText('Here at last.');
    expect(asked).toBe(2);
  });

  test('where too many windows are open that is said, and not that the connection was lost', async ({ page, playwright, baseURL, open, signIn, mailbox, people }) => {
    test.setTimeout(120_000);
    await mailbox.messages('INBOX');
    const streams: IncomingMessage[] = [];
    // As many as a user may have, of five browsers.
    for (let browser = 0; browser < 5; browser += 1) {
      const context = await playwright.request.newContext();
      await signInBy(context, baseURL ?? '', people.me);
      const { cookies } = await context.storageState();
      const headers = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
      for (let stream = 0; stream < 4; stream += 1) {
        streams.push(await new Promise((resolve) => get(`${baseURL}/api/events`, { headers, agent: false }, resolve)));
      }
      await context.dispose();
    }
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await expect(told(page, 'This mailbox is open in many windows')).toBeVisible(SOON);
    await expect(page.getByText('lost, trying again')).toHaveCount(0);
    for (const stream of streams) stream.destroy();
    // The server may take a moment to see that they have gone, and refuses until then.
    await expect(async () => {
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
      await expect(told(page, 'Connected again.')).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 70_000 });
  });

  test('that the browser is offline is said, and what came meanwhile shows afterwards', async ({ page, context, open, signIn, mailbox, people, expectErrors }) => {
    expectErrors(/ERR_INTERNET_DISCONNECTED/);
    await mailbox.messages('INBOX');
    await signIn(page, people.me);
    await listening(page, () => open(page, '/mail/INBOX'));
    await context.setOffline(true);
    await expect(told(page, 'You are offline.')).toBeVisible(SOON);
    await mailbox.append('INBOX', mail({ subject: 'Meanwhile' }));
    // It stands for four seconds, which are looked at from the first on.
    const again = expect(told(page, 'Connected again.')).toBeVisible(SOON);
    await context.setOffline(false);
    await again;
    await expect(row(page, 'Meanwhile')).toBeVisible(SOON);
  });

  test('more tabs than a browser has connections all work', async ({ page, context, open, signIn, mailbox, people }) => {
    await signIn(page, people.me);
    await open(page, '/mail/INBOX');
    const last = await (async () => {
      let tab = page;
      for (let number = 0; number < 7; number += 1) {
        tab = await context.newPage();
        await open(tab, '/mail/INBOX');
      }
      return tab;
    })();
    await last.waitForTimeout(1_500);
    await mailbox.append('INBOX', mail({ subject: 'For all' }));
    await expect(row(last, 'For all')).toBeVisible(SOON);
    // One that made room takes its stream up again when it is looked at.
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    await expect(row(page, 'For all')).toBeVisible();
  });
});

test('without JavaScript a reload shows what arrived', async ({ page, open, signIn, mailbox, people, scripted }) => {
  test.skip(scripted, 'with JavaScript it shows by itself');
  await mailbox.messages('INBOX');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await deliver(people.me.address, mail({ subject: 'Just arrived', to: people.me.address }));
  await expect
    .poll(async () => {
      await page.reload();
      return await row(page, 'Just arrived').count();
    })
    .toBe(1);
  await expect(page).toHaveTitle('(1) Inbox – Posthorn');
});
