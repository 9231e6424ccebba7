// Every mail of the seed is opened, above all those that no well-behaved program writes: none may lead to an error, run
// anything, load anything from outside, or bring the page out of shape.
import { body, expect, list, listAt, messageAt, rows, subject, test } from '../support/fixtures.ts';
import { demo } from '../support/people.ts';

const ODD = 44;

test.describe('odd mails', () => {
  test.setTimeout(120_000);

  test('all are listed', async ({ page, open, signIn, scripted }) => {
    await signIn(page, demo);
    expect(await open(page, listAt('Odd'))).toBe(200);
    if (scripted) {
      // Only those that are near are there; gone through, all were.
      await expect(list(page).getByRole('listitem').first()).toHaveAttribute('aria-setsize', String(ODD));
      const seen = new Set<string | null>();
      for (let top = 0; top < ODD * 84; top += 600) {
        await page.locator('.list-body').evaluate((element, to) => element.scrollTo(0, to), top);
        await expect(list(page).locator('[aria-hidden=true].row-item')).toHaveCount(0);
        const places = await list(page).locator('li').evaluateAll((items) => items.map((item) => item.getAttribute('aria-posinset')));
        for (const place of places) seen.add(place);
      }
      expect(seen.size).toBe(ODD);
    } else {
      await expect(rows(page)).toHaveCount(ODD);
    }
    await expect(page.locator('main img, main script, main b')).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });

  test('each opens without an error and without anything running or loading', async ({ page, open, signIn }) => {
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!['localhost', ''].includes(new URL(request.url()).hostname)) outside.push(request.url());
    });
    await signIn(page, demo);
    for (let uid = 1; uid <= ODD; uid += 1) {
      await test.step(`mail ${uid}`, async () => {
        expect(await open(page, messageAt('Odd', uid)), `status of ${uid}`).toBe(200);
        await expect(subject(page)).not.toBeEmpty();
        await expect(body(page)).toBeAttached();
        await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
        const frame = page.frames().find((known) => known.url().includes('/body'));
        expect(frame, `frame of ${uid}`).toBeDefined();
        const forbidden = 'script, iframe, object, embed, form, input, button, meta[http-equiv], link, [onload], [onerror], [href^="javascript"]';
        await expect(page.frameLocator('iframe[title="Message body"]').locator(forbidden), `elements of ${uid}`).toHaveCount(0);
        // A frame of an attached message that is folded has no document yet.
        for (const known of page.frames().filter((one) => one === page.mainFrame() || one.url().includes('/body'))) {
          expect(await known.evaluate(() => 'pwned' in window), `scripts of ${uid}`).toBe(false);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        expect(wide, `width of ${uid}`).toBe(false);
        expect(await page.title()).not.toBe('pwned');
      });
    }
    expect(outside).toEqual([]);
  });

  test('each can be answered and passed on', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    for (let uid = 1; uid <= ODD; uid += 1) {
      for (const how of ['reply-all', 'forward']) {
        // Without waiting for the page to be hydrated: the server's part is what is asked here.
        const response = await page.goto(`/compose?${how}=${uid}&folder=Odd`, { waitUntil: 'domcontentloaded' });
        expect(response?.status(), `${how} to ${uid}`).toBe(200);
        await expect(page.getByRole('textbox', { name: 'Message' }), `${how} to ${uid}`).toBeVisible();
      }
    }
    await open(page, '/mail/INBOX');
  });

  test('hostile HTML stays readable and in its frame', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    for (const [uid, text] of [[21, 'Hostile but readable.'], [22, 'Readable text.'], [23, 'Readable.']] as const) {
      await open(page, messageAt('Odd', uid));
      await expect(body(page)).toContainText(text);
      await expect(page.getByRole('heading', { level: 1 })).toBeInViewport();
      const fixed = await page
        .frameLocator('iframe[title="Message body"]')
        .locator('*')
        .evaluateAll((all) => all.filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position)).length);
      expect(fixed, `positioned elements of ${uid}`).toBe(0);
    }
  });

  test('names of attachments cannot leave their place', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    for (const uid of [28, 29, 30, 31]) {
      await open(page, messageAt('Odd', uid));
      const link = page.getByRole('list', { name: 'Attachments' }).getByRole('link');
      await expect(link).toHaveCount(1);
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      const name = download.suggestedFilename();
      expect(name, `attachment of ${uid}`).not.toMatch(/[/\\\r\n<>\u202e]/);
      const href = (await link.getAttribute('href')) ?? '';
      const response = await page.request.get(href);
      const disposition = response.headers()['content-disposition'] ?? '';
      expect(disposition).toMatch(/^attachment;/);
      expect(disposition).not.toMatch(/\.\.\//);
      await expect(link).not.toHaveAccessibleName(/\u202e/);
    }
  });
});

test('every message of every other folder opens', async ({ page, open, signIn, imap }) => {
  test.setTimeout(60_000);
  const box = await imap(demo);
  await signIn(page, demo);
  for (const folder of await box.folders()) {
    // Odd has tests of its own, and of Many one is as good as the other.
    if (['Odd', 'Many', 'Drafts'].includes(folder)) continue;
    const known = await box.messages(folder).catch(() => []);
    for (const { uid } of known) {
      expect(await open(page, messageAt(folder, uid)), `${folder} ${uid}`).toBe(200);
      await expect(subject(page)).not.toBeEmpty();
      await expect(body(page)).not.toBeEmpty();
    }
  }
});
