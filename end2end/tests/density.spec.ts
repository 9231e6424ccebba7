// How lists look, by choice: in the menu of the list and in the settings, with JavaScript and without.
import type { Page } from '@playwright/test';
import { expect, list, rows, test } from '../support/fixtures.ts';
import { demo } from '../support/people.ts';

const height = async (page: Page): Promise<number> => (await list(page).getByRole('listitem').first().boundingBox())?.height ?? 0;

test.beforeEach(async ({ page, signIn }) => {
  await signIn(page, demo);
});

test('rows are made compact in the menu of the list, and roomy again', async ({ page, open, settled }) => {
  await open(page, '/mail/INBOX');
  const before = await height(page);
  await page.locator('.list-tools summary').click();
  await page.getByRole('button', { name: 'Compact rows' }).click();
  await settled(page);
  await expect(page).toHaveURL('/mail/INBOX');
  const compact = await height(page);
  expect(compact).toBeLessThan(before * 0.7);
  await expect(rows(page)).toHaveCount(14);
  // What a row says is all there, and none is cut.
  const cut = await rows(page).first().evaluate((row) => row.scrollHeight > row.clientHeight + 1);
  expect(cut).toBe(false);
  await page.locator('.list-tools summary').click();
  await page.getByRole('button', { name: 'Comfortable rows' }).click();
  await settled(page);
  expect(await height(page)).toBe(before);
});

test('density and conversations are chosen in the settings', async ({ page, open, settled }) => {
  await open(page, '/settings/appearance');
  const density = page.getByRole('form', { name: 'Density' });
  await expect(density.getByRole('button', { name: 'Comfortable' })).toHaveAttribute('aria-pressed', 'true');
  await density.getByRole('button', { name: 'Compact' }).click();
  await settled(page);
  await expect(page).toHaveURL('/settings/appearance');
  await expect(density.getByRole('button', { name: 'Compact' })).toHaveAttribute('aria-pressed', 'true');
  const view = page.getByRole('form', { name: 'Conversations' });
  await view.getByRole('button', { name: 'Conversations' }).click();
  await settled(page);
  await expect(view.getByRole('button', { name: 'Conversations' })).toHaveAttribute('aria-pressed', 'true');
  await open(page, '/mail/INBOX');
  await expect(page.getByText(/\d+ conversations$/)).toBeVisible();
});

test('a long compact list is scrolled to any place', async ({ page, open, baseURL, scripted }) => {
  test.skip(!scripted, 'without JavaScript there are pages');
  await page.context().addCookies([{ name: 'posthorn-density', value: 'compact', url: baseURL ?? '' }]);
  await open(page, '/mail/Many');
  await expect(page.locator('html')).toHaveAttribute('data-density', 'compact');
  const body = page.locator('.list-body');
  const whole = await body.evaluate((element) => element.scrollHeight);
  expect(Math.abs(whole - 120 * (await height(page)))).toBeLessThan(120);
  await body.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(rows(page).filter({ hasText: 'Message 001' })).toBeVisible();
});
