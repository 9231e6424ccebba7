// Signing in and out, as the first thing that anybody sees: what is asked, what is said when it fails, and where one
// gets afterwards.
import type { Page } from '@playwright/test';
import { alerted, expect, folders, list, row, subject, test, told } from '../support/fixtures.ts';
import { type Person, demo, jonas, leer, maria, umlaut } from '../support/people.ts';
import { freePort } from '../support/server.ts';

async function fillIn(page: Page, person: Person): Promise<void> {
  await page.getByRole('textbox', { name: 'Email address' }).fill(person.address);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a right password leads to the inbox', async ({ page, open }) => {
  expect(await open(page, '/')).toBe(200);
  await expect(page).toHaveURL('/login');
  await expect(page).toHaveTitle('Sign in – Posthorn');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await fillIn(page, leer);
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
  await expect(folders(page)).toBeVisible();
  await expect(page.getByText(leer.address)).toBeVisible();
});

test('a password may hold quotes, a backslash, spaces and umlauts', async ({ page, open }) => {
  await open(page, '/login');
  await fillIn(page, umlaut);
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(page.getByText(umlaut.address)).toBeVisible();
});

test('the address is taken in any case and with spaces around it', async ({ page, open }) => {
  await open(page, '/login');
  await fillIn(page, { ...leer, address: '  leer@Posthorn.Example ' });
  await expect(page).toHaveURL('/mail/INBOX');
});

test('Enter in the password signs in', async ({ page, open }) => {
  await open(page, '/login');
  await page.getByRole('textbox', { name: 'Email address' }).fill(leer.address);
  await page.getByRole('textbox', { name: 'Password' }).fill(leer.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/mail/INBOX');
});

test('a wrong password is told, the address stays, and the next attempt may be right', async ({ page, open, settled }) => {
  await open(page, '/login');
  await fillIn(page, { ...jonas, password: 'wrong' });
  await expect(alerted(page, 'Address or password is wrong.')).toBeVisible({ timeout: 10_000 });
  await expect(page).toHaveURL('/login');
  await expect(page.getByRole('textbox', { name: 'Email address' })).toHaveValue(jonas.address);
  await expect(page.getByRole('textbox', { name: 'Password' })).toBeFocused();
  await settled(page);
  await page.getByRole('textbox', { name: 'Password' }).fill(jonas.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/mail/INBOX');
});

test('the way that was meant survives a wrong password', async ({ page, open, settled }) => {
  await open(page, '/compose?to=anna%40posthorn.example&subject=a%26b');
  await expect(page).toHaveURL(/\/login\?next=/);
  await fillIn(page, { ...maria, password: 'wrong' });
  await expect(alerted(page, 'Address or password is wrong.')).toBeVisible({ timeout: 10_000 });
  await settled(page);
  await page.getByRole('textbox', { name: 'Password' }).fill(maria.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('textbox', { name: 'To', exact: true })).toHaveValue('anna@posthorn.example');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('a&b');
});

test('what is no address is told before the mail server is asked', async ({ page, open }) => {
  await open(page, '/login');
  await fillIn(page, { address: 'leer', password: 'x' });
  await expect(alerted(page, 'This is not a complete email address.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Email address' })).toHaveValue('leer');
});

test('an empty form does not get anywhere', async ({ page, open }) => {
  await open(page, '/login');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('textbox', { name: 'Email address' })).toBeFocused();
  await expect(page).toHaveURL('/login');
});

test('an address of a domain that is not served is told', async ({ page, open, serverWith }) => {
  const server = await serverWith({ POSTHORN_DOMAINS: 'zweite.example' });
  await open(page, `${server.url}/login`);
  await fillIn(page, leer);
  await expect(alerted(page, 'Mailboxes at posthorn.example are not served here.')).toBeVisible();
});

test('a mail server that is not there is told', async ({ page, open, serverWith }) => {
  const server = await serverWith({ POSTHORN_IMAP_URL: `imaps://localhost:${await freePort()}` });
  await open(page, `${server.url}/login`);
  await fillIn(page, leer);
  await expect(alerted(page, 'The mail server cannot be reached.')).toBeVisible({ timeout: 10_000 });
  await expect(page.getByRole('textbox', { name: 'Email address' })).toHaveValue(leer.address);
});

test('a mail server of doubtful identity gets no password', async ({ page, open, serverWith }) => {
  const port = process.env.STAND_IMAP_UNTRUSTED_PORT ?? '';
  const server = await serverWith({ POSTHORN_IMAP_URL: `imaps://localhost:${port}` });
  await open(page, `${server.url}/login`);
  await fillIn(page, leer);
  await expect(alerted(page, 'The identity of the mail server cannot be verified')).toBeVisible({ timeout: 10_000 });
});

test('who guesses has to wait', async ({ page, open, serverWith }) => {
  // A server without a mail server behind it: what is counted are attempts at an account that does not answer no.
  const server = await serverWith({});
  const guess = async (n: number) =>
    page.request.post(`${server.url}/api/sign_in`, {
      form: { address: 'nobody@posthorn.example', password: `guess ${n}`, next: '' },
      headers: { Origin: server.url, Accept: 'text/html' },
      maxRedirects: 0,
    });
  await Promise.all([1, 2, 3, 4, 5].map(guess));
  await open(page, `${server.url}/login`);
  await fillIn(page, { address: 'nobody@posthorn.example', password: 'guess 6' });
  await expect(alerted(page, /Too many attempts\. Wait \d+ seconds, then try again\./)).toBeVisible();
});

test('after signing in one is where one was going', async ({ page, open, scripted }) => {
  await open(page, '/mail/Many?page=2');
  await expect(page).toHaveURL('/login?next=%2Fmail%2FMany%3Fpage%3D2');
  await fillIn(page, demo);
  await expect(page).toHaveURL('/mail/Many?page=2');
  if (scripted) await expect(row(page, 'Message 070')).toBeInViewport();
  else await expect(page.getByText('Page 2 of 3')).toBeVisible();
});

test('nobody is led off the site', async ({ page, open, baseURL }) => {
  for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example']) {
    await page.context().clearCookies();
    await open(page, `/login?next=${encodeURIComponent(next)}`);
    await fillIn(page, leer);
    await expect(page).toHaveURL('/mail/INBOX');
    expect(new URL(page.url()).origin).toBe(baseURL);
  }
});

test('who is signed in already gets past the sign-in page', async ({ page, open, signIn }) => {
  await signIn(page, leer);
  await open(page, '/login');
  await expect(page).toHaveURL('/mail/INBOX');
  await open(page, '/login?next=%2Fsettings%2Fappearance');
  await expect(page).toHaveURL('/settings/appearance');
});

test('signing out ends the session at the server, too', async ({ page, open, signIn, settled }) => {
  await signIn(page, leer);
  await open(page, '/mail/INBOX');
  const cookies = await page.context().cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/login');
  await settled(page);
  await expect(told(page, 'You are signed out.')).toBeVisible();
  // The old cookie opens nothing.
  await page.context().addCookies(cookies.filter((cookie) => cookie.name === 'posthorn'));
  await open(page, '/mail/INBOX');
  await expect(page).toHaveURL('/login?next=%2Fmail%2FINBOX');
});

test('going back after signing out shows no mail', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX/13');
  await expect(subject(page)).toContainText('Text and HTML differ');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/login');
  await page.goBack();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(list(page)).toHaveCount(0);
});

test('pages of the mailbox are for those who signed in', async ({ page, open }) => {
  for (const address of ['/mail/INBOX', '/mail/INBOX/1', '/compose', '/settings/appearance']) {
    await open(page, address);
    await expect(page).toHaveURL(`/login?next=${encodeURIComponent(address)}`);
  }
});

test('documents of the mailbox are refused to others', async ({ page }) => {
  for (const path of ['/mail/INBOX/1/body', '/mail/INBOX/1/source', '/mail/INBOX/5/attachment/2']) {
    const response = await page.request.get(path, { maxRedirects: 0 });
    expect(response.status(), path).toBe(401);
    expect(await response.text()).not.toContain('Lunch');
  }
});
