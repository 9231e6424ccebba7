// A session that ends while one is at work: nothing typed may be lost, and one goes on where one was.
import type { Page } from '@playwright/test';
import { alerted, expect, folders, listAt, messageAt, row, rows, subject, test, told, tool } from '../support/fixtures.ts';
import { arrived, attach, attached, button, expectTyped, write } from '../support/composer.ts';
import { header, mail, textOf } from '../support/mail.ts';

// A page whose session has ended may be told, by the stream of events that it has, that folders came or went, and asks for
// them in vain: the boxes are emptied before each test, and a mail server may tell that late.
test.beforeEach(({ expectErrors }) => {
  expectErrors(/^401 POST \/api\/folders$/, /^console: Failed to load resource: .* 401 .*\/api\/folders\)$/);
});

/** What a server that has forgotten the session looks like to the browser. */
async function end(page: Page): Promise<void> {
  const cookies = await page.context().cookies();
  await page.context().clearCookies({ name: 'posthorn' });
  const former = cookies.find((cookie) => cookie.name === 'posthorn');
  if (former) await page.context().addCookies([{ ...former, value: 'x'.repeat(43) }]);
}

async function signInAgain(page: Page, password: string, scripted: boolean): Promise<void> {
  if (!scripted) await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel(/Password|sign in again/).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

for (const [action, done] of [
  ['Send', 'Message sent.'],
  ['Save draft', 'Draft saved.'],
] as const) {
  test(`a session that ends before "${action}" loses nothing that was typed`, async ({ page, open, signIn, settled, scripted, mailbox, peerBox, people }) => {
    await signIn(page, people.me);
    await open(page, '/compose');
    const typed = { to: people.peer.address, cc: people.third.address, bcc: people.fourth.address, subject: `Typed before ${action}`, text: 'Long work.\n\n</textarea>\nThe end.' };
    await write(page, typed);
    if (scripted) await attach(page, { name: 'work.txt', mimeType: 'text/plain', buffer: Buffer.from('work') });
    await end(page);
    await button(page, action).click();
    if (scripted) await expect(alerted(page, 'Your session has ended.')).toBeVisible();
    await settled(page);
    if (!scripted) await page.getByRole('textbox', { name: 'Email address' }).fill(people.me.address);
    await signInAgain(page, people.me.password, scripted);
    await expect(page).toHaveURL(/\/compose/);
    await expectTyped(page, typed);
    if (scripted) await expect(attached(page)).toHaveText([/work\.txt/]);
    expect(await mailbox.messages('Sent')).toHaveLength(0);
    await button(page, action).click();
    await expect(told(page, done)).toBeVisible();
    if (action === 'Send') {
      const { raw } = await arrived(peerBox, 'INBOX', typed.subject);
      expect(textOf(raw).trimEnd()).toBe(typed.text);
    } else {
      const { raw } = await arrived(mailbox, 'Drafts', typed.subject);
      expect(header(raw, 'Bcc')).toContain(people.fourth.address);
    }
  });
}

/** Sends after the session has ended, and again while the sign-in is on its way; answers with what lets that on. */
async function sendEarly(page: Page, password: string): Promise<() => void> {
  await end(page);
  await button(page, 'Send').click();
  await expect(alerted(page, 'Your session has ended.')).toBeVisible();
  let letOn = () => {};
  const held = new Promise<void>((resolve) => {
    letOn = resolve;
  });
  await page.route('**/api/sign_in', async (route) => {
    await held;
    await route.continue();
  });
  await signInAgain(page, password, true);
  await button(page, 'Send').click();
  return letOn;
}

test('what is sent while the sign-in is on its way is sent when it is there', async ({ page, open, signIn, scripted, mailbox, peerBox, people }) => {
  test.skip(!scripted, 'without JavaScript signing in is a page of its own');
  await signIn(page, people.me);
  await open(page, '/compose');
  await write(page, { to: people.peer.address, subject: 'Sent early', text: 'Sent before the answer.' });
  const letOn = await sendEarly(page, people.me.password);
  letOn();
  await expect(told(page, 'Message sent.')).toBeVisible();
  await arrived(peerBox, 'INBOX', 'Sent early');
  expect(await mailbox.messages('Sent')).toHaveLength(1);
});

test('the composer can be left while the sign-in is on its way', async ({ page, open, signIn, scripted, mailbox, people, expectErrors }) => {
  test.skip(!scripted, 'without JavaScript signing in is a page of its own');
  // The list that one goes back to is asked for before one is signed in.
  expectErrors(/401/);
  await mailbox.append('INBOX', mail({ subject: 'Read instead' }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await page.getByRole('link', { name: 'New message' }).first().click();
  await write(page, { to: people.peer.address, subject: 'Left', text: 'Left.' });
  const letOn = await sendEarly(page, people.me.password);
  page.on('dialog', (dialog) => void dialog.accept());
  const answered = page.waitForResponse('**/api/sign_in');
  await page.goBack();
  await expect(page).toHaveURL(listAt('INBOX'));
  letOn();
  await answered;
  await row(page, 'Read instead').click();
  await expect(subject(page)).toHaveText('Read instead');
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('what one person typed is never shown to another who signs in after', async ({ page, open, signIn, scripted, people, mailbox }) => {
  test.skip(scripted, 'with JavaScript the form stays in the page of the person who typed it');
  await mailbox.messages('INBOX');
  await signIn(page, people.me);
  await open(page, '/compose');
  await write(page, { subject: 'Mine', text: 'A secret.' });
  // Refused, so that it is kept for the next page, for its writer.
  await button(page, 'Send').click();
  await expect(alerted(page, 'Enter at least one recipient.')).toBeVisible();
  const address = page.url();
  await signIn(page, people.third);
  await open(page, address);
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('');
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
});

test('signing in again with a wrong password says so and loses nothing', async ({ page, open, signIn, settled, scripted, people, mailbox }) => {
  await mailbox.messages('INBOX');
  await signIn(page, people.me);
  await open(page, '/compose');
  const typed = { to: people.peer.address, subject: 'Still here', text: 'Still here.' };
  await write(page, typed);
  await end(page);
  await button(page, 'Send').click();
  await settled(page);
  if (!scripted) await page.getByRole('textbox', { name: 'Email address' }).fill(people.me.address);
  await signInAgain(page, 'wrong', scripted);
  await expect(alerted(page, 'Address or password is wrong.')).toBeVisible({ timeout: 10_000 });
  await settled(page);
  await signInAgain(page, people.me.password, scripted);
  await expectTyped(page, typed);
});

test('a session that ends while reading leads through the sign-in and back', async ({ page, open, signIn, settled, mailbox, people, expectErrors }) => {
  expectErrors(/401/);
  const uid = await mailbox.append('INBOX', mail({ subject: 'Read me' }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await end(page);
  await row(page, 'Read me').click();
  const link = page.getByRole('link', { name: 'Sign in' });
  const form = page.getByRole('button', { name: 'Sign in' });
  await expect(link.or(form).first()).toBeVisible();
  if (await link.first().isVisible()) await link.first().click();
  await expect(page).toHaveURL(new RegExp(`/login\\?next=.*INBOX.*${uid}`));
  await settled(page);
  await page.getByRole('textbox', { name: 'Email address' }).fill(people.me.address);
  await page.getByRole('textbox', { name: 'Password' }).fill(people.me.password);
  await form.click();
  await expect(subject(page)).toHaveText('Read me');
  await expect(folders(page)).toBeVisible();
});

test('a change under an ended session is told and not made', async ({ page, open, signIn, settled, mailbox, people, expectErrors }) => {
  expectErrors(/401/);
  const uid = await mailbox.append('INBOX', mail({ subject: 'Stay' }), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await end(page);
  await tool(page, 'Delete').click();
  await expect(page.getByText('Your session has ended.').first()).toBeVisible();
  await settled(page);
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
});

test('two people in two browsers do not meet', async ({ page, browser, open, signIn, mailbox, peerBox, people, baseURL, scripted }) => {
  await mailbox.append('INBOX', mail({ subject: 'For me' }));
  await peerBox.append('INBOX', mail({ subject: 'For the peer' }));
  await signIn(page, people.me);
  const other = await browser.newContext({ baseURL, javaScriptEnabled: scripted });
  const second = await other.newPage();
  await signIn(second, people.peer);
  await Promise.all([open(page, '/mail/INBOX'), open(second, '/mail/INBOX')]);
  await expect(rows(page)).toHaveText([/For me/]);
  await expect(rows(second)).toHaveText([/For the peer/]);
  await other.close();
});
