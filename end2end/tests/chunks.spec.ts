// What is loaded when the page is idle: it is there when the network no longer is, and a page that cannot have it is none the
// worse.
import { expect, openPalette, row, subject, test } from '../support/fixtures.ts';
import { demo } from '../support/people.ts';

const CHUNKS = '**/pkg/split_*.wasm';

test('a list loads what else there is when it is idle, and has it without the network', async ({ page, open, signIn, scripted, expectErrors }) => {
  test.skip(!scripted, 'without JavaScript there is nothing to load');
  expectErrors(/INTERNET_DISCONNECTED/);
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await expect(page.locator('#palette')).toBeAttached();
  await page.context().setOffline(true);
  const palette = await openPalette(page);
  await page.keyboard.press('Escape');
  // A key that is pressed before it is closed, and has lost the focus, is typed into it.
  await expect(palette).toBeHidden();
  await expect(page.locator('input:focus')).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});

test('what is typed into a palette that was called early stays when the page is idle', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'the palette wants JavaScript');
  // The page is idle when this test says so.
  await page.addInitScript(() => {
    const waiting: IdleRequestCallback[] = [];
    window.requestIdleCallback = (callback) => waiting.push(callback);
    window.addEventListener('test:idle', () => waiting.splice(0).forEach((callback) => callback({ didTimeout: false, timeRemaining: () => 10 })));
  });
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  const palette = await openPalette(page);
  await palette.fill('neubau');
  await page.evaluate(() => window.dispatchEvent(new Event('test:idle')));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))));
  await expect(palette).toHaveValue('neubau');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/mail/Projekte%2FNeubau%20S%C3%BCd');
});

test('a chunk that does not come is told in its place, and comes later', async ({ page, open, signIn, scripted, expectErrors }) => {
  test.skip(!scripted, 'without JavaScript there is nothing to load');
  expectErrors(/ERR_FAILED/, /Failed to fetch/);
  await page.route(CHUNKS, (route) => route.abort());
  await signIn(page, demo);
  await open(page, '/mail/Many');
  await row(page, 'Message 120').click();
  await expect(page.getByRole('alert').filter({ hasText: 'There is no connection to Posthorn.' })).toBeVisible();
  await page.unroute(CHUNKS);
  await expect(subject(page)).toHaveText('Message 120', { timeout: 20_000 });
});

test('a page that shows a chunk works without it', async ({ page, signIn, expectErrors }) => {
  expectErrors(/ERR_FAILED/, /Failed to fetch/);
  await page.route(CHUNKS, (route) => route.abort());
  await signIn(page, demo);
  await page.goto('/settings/appearance');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.goto('/compose');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Written without');
  await expect(page.locator('html[data-hydrated]')).toHaveCount(0);
});
