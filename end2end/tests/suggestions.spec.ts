// What the search box suggests: searches of before, operators in both languages, people of the list; for the keyboard
// and the mouse, and without asking the server.
import type { Page } from '@playwright/test';
import { expect, rows, test } from '../support/fixtures.ts';
import { demo } from '../support/people.ts';

test.skip(({ scripted }) => !scripted, 'without JavaScript the box only searches');

const box = (page: Page) => page.getByRole('searchbox', { name: /Search mail|E-Mails durchsuchen/ });
const options = (page: Page) => page.getByRole('listbox', { name: /Suggestions|Vorschläge/ }).getByRole('option');

test.beforeEach(async ({ page, signIn }) => {
  await signIn(page, demo);
});

test('operators are suggested and taken by the keyboard', async ({ page, open }) => {
  await open(page, '/mail/INBOX');
  // What the page loads when it is idle is there.
  await expect(page.locator('#palette')).toBeAttached();
  const asked: string[] = [];
  // The stream of what happens is opened whatever one types.
  page.on('request', (request) => {
    if (!request.url().includes('/api/events')) asked.push(request.url());
  });
  await box(page).pressSequentially('is:');
  await expect(options(page)).toHaveCount(2);
  await expect(page.getByRole('status').filter({ hasText: '2 suggestions' })).toBeAttached();
  await box(page).press('ArrowDown');
  await box(page).press('ArrowDown');
  await expect(options(page).nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(box(page)).toHaveAttribute('aria-activedescendant', 'suggestion-1');
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue('is:starred ');
  expect(asked).toEqual([]);
  await box(page).press('Enter');
  await expect(page).toHaveURL('/mail/INBOX?q=is%3Astarred');
  await expect(rows(page)).toHaveCount(1);
  await expect(options(page)).toHaveCount(0);
});

test('Escape closes the list and leaves what was typed', async ({ page, open }) => {
  await open(page, '/mail/INBOX');
  await box(page).fill('from');
  await expect(options(page).first()).toBeVisible();
  await box(page).press('Escape');
  await expect(options(page)).toHaveCount(0);
  await expect(box(page)).toHaveValue('from');
  await expect(box(page)).toBeFocused();
});

test('people of the list are suggested, to the mouse too', async ({ page, open }) => {
  await open(page, '/mail/INBOX');
  const address = 'anna@posthorn.example';
  await box(page).fill('from:ann');
  await options(page).filter({ hasText: address }).first().click();
  await expect(box(page)).toHaveValue(`from:${address} `);
  await expect(box(page)).toBeFocused();
});

test('searches of before are suggested, cleared, and gone with signing out', async ({ page, open, signIn, settled }) => {
  await open(page, '/mail/INBOX');
  const search = async (query: string) => {
    await box(page).fill(query);
    await box(page).press('Enter');
    await expect(page).toHaveURL(/\?q=/);
    await open(page, '/mail/INBOX');
  };
  await search('lunch');
  await box(page).click();
  await expect(options(page).first()).toHaveText(/^lunch/);
  await options(page).first().click();
  await expect(page).toHaveURL('/mail/INBOX?q=lunch');
  await open(page, '/mail/INBOX');
  await box(page).click();
  await page.getByRole('button', { name: 'Clear recent searches' }).click();
  await expect(options(page).filter({ hasText: 'lunch' })).toHaveCount(0);
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('posthorn-searches')));
  expect(await kept()).toEqual([]);
  await search('invitation');
  expect(await kept()).toHaveLength(1);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await settled(page);
  await expect(page).toHaveURL(/\/login/);
  expect(await kept()).toEqual([]);
  await signIn(page, demo);
});

test.describe('a browser that asks for German', () => {
  test.use({ locale: 'de-DE' });

  test('gets German operators', async ({ page, open }) => {
    await open(page, '/mail/INBOX');
    await box(page).fill('ist');
    await expect(options(page).first()).toHaveText(/ist:ungelesen/);
    await options(page).filter({ hasText: 'ist:markiert' }).click();
    await box(page).press('Enter');
    await expect(page.getByRole('list', { name: 'Nachrichten' }).getByRole('link')).toHaveCount(1);
  });
});
