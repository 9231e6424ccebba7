// One pane on a phone, two on a tablet, three on a desk; nothing scrolls sideways, and everything can be reached.
import type { Page } from '@playwright/test';
import { body, expect, folders, list, row, rows, subject, test, tool, told } from '../support/fixtures.ts';
import { box } from '../support/composer.ts';
import { mail } from '../support/mail.ts';
import { demo } from '../support/people.ts';

const reader = (page: Page) => page.getByRole('region', { name: 'Message', exact: true });
const tabs = (page: Page) => page.getByRole('navigation', { name: 'Main areas' });

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(widths[0], `the page at ${page.url()} is as wide as the window`).toBeLessThanOrEqual(widths[1] ?? 0);
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('there is one pane: the list, then the message, then back', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/INBOX');
    await expect(list(page)).toBeVisible();
    await expect(reader(page)).toBeHidden();
    await expect(folders(page)).toBeHidden();
    await expect(tabs(page)).toBeVisible();
    await expectNoSidewaysScrolling(page);
    await row(page, 'Newest message').click();
    await expect(subject(page)).toHaveText('Newest message');
    await expect(body(page)).toContainText('The newest one.');
    await expect(list(page)).toBeHidden();
    await expectNoSidewaysScrolling(page);
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await expect(list(page)).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
  });

  test('the folders are in a drawer, which closes when one is chosen', async ({ page, open, settled, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/INBOX');
    await tabs(page).getByRole('button', { name: 'Folders' }).click();
    await expect(folders(page)).toBeVisible();
    await folders(page).getByRole('link', { name: 'Archive' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Archive' })).toBeVisible();
    await settled(page);
    await expect(folders(page)).toBeHidden();
    await expect(rows(page)).toHaveCount(3);
    await page.getByRole('button', { name: 'Folders' }).first().click();
    await expect(folders(page)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(folders(page)).toBeHidden();
  });

  test('the tabs lead to the mail and the settings, and a button to a new message', async ({ page, open, settled, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/Archive');
    await tabs(page).getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await expect(tabs(page).getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'page');
    await expectNoSidewaysScrolling(page);
    await settled(page);
    await tabs(page).getByRole('link', { name: 'Mail' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
    await settled(page);
    await page.getByRole('link', { name: 'New message', exact: true }).click();
    await expect(box(page, 'Message')).toBeVisible();
    await expectNoSidewaysScrolling(page);
  });

  test('what can be done with a message is within reach', async ({ page, open, settled, signIn, mailbox, people }) => {
    const uid = await mailbox.append('INBOX', mail({ subject: 'On the phone' }), ['\\Seen']);
    await signIn(page, people.me);
    await open(page, `/mail/INBOX/${uid}`);
    await settled(page);
    for (const name of ['Star', 'Archive', 'Delete']) {
      const size = await tool(page, name).boundingBox();
      expect(Math.min(size?.width ?? 0, size?.height ?? 0), `${name} is large enough for a finger`).toBeGreaterThanOrEqual(24);
    }
    await tool(page, 'Archive').click();
    await expect(told(page, 'Archived.')).toBeVisible();
    await expect(page.getByText('All done')).toBeVisible();
  });
});

test.describe('on a tablet', () => {
  test.use({ viewport: { width: 820, height: 1180 } });

  test('there are two panes, and the folders in a drawer', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/INBOX');
    await expect(list(page)).toBeVisible();
    await expect(reader(page)).toBeVisible();
    await expect(folders(page)).toBeHidden();
    await expect(tabs(page)).toBeHidden();
    await row(page, 'Newest message').click();
    await expect(subject(page)).toHaveText('Newest message');
    await expect(list(page)).toBeVisible();
    await expect(page.getByRole('link', { name: 'Back to the list' })).toBeHidden();
    await expectNoSidewaysScrolling(page);
    await page.getByRole('button', { name: 'Folders' }).first().click();
    await expect(folders(page)).toBeVisible();
  });

  test('the settings lead back to the list', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    for (const address of ['/settings/appearance', '/settings/folders']) {
      await open(page, address);
      await page.getByRole('link', { name: 'Back to the list' }).click();
      await expect(row(page, 'Newest message')).toBeVisible();
    }
  });
});

test.describe('on a desk', () => {
  test('there are three panes side by side', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/INBOX/14');
    const lefts: number[] = [];
    for (const pane of [folders(page), list(page), reader(page)]) {
      await expect(pane).toBeVisible();
      lefts.push((await pane.boundingBox())?.x ?? -1);
    }
    expect(lefts).toEqual([...lefts].sort((a, b) => a - b));
    expect(new Set(lefts).size).toBe(3);
    await expect(tabs(page)).toBeHidden();
    await expectNoSidewaysScrolling(page);
  });

  test('the list keeps its place when a message is opened', async ({ page, open, signIn, scripted }) => {
    test.skip(!scripted, 'without JavaScript a new page begins at its top');
    await signIn(page, demo);
    await open(page, '/mail/Many');
    await page.locator('.list-body').evaluate((element) => element.scrollTo(0, 3700));
    await expect(row(page, 'Message 075')).toBeInViewport();
    const before = await row(page, 'Message 075').boundingBox();
    await row(page, 'Message 075').click();
    await expect(subject(page)).toHaveText('Message 075');
    const after = await row(page, 'Message 075').boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(4);
  });
});

for (const width of [320, 390, 820, 1440]) {
  test(`nothing scrolls sideways at ${width} pixels`, async ({ page, open, signIn }) => {
    test.setTimeout(60_000);
    await page.setViewportSize({ width, height: 800 });
    await open(page, '/login');
    await expectNoSidewaysScrolling(page);
    await signIn(page, demo);
    for (const address of ['/mail/INBOX', '/mail/Odd', '/mail/Odd/15', '/mail/Odd/16', '/mail/Odd/43', '/mail/INBOX/5', '/mail/INBOX/11?headers=all', '/compose', '/compose?reply-all=43&folder=Odd', '/compose?forward=5&folder=INBOX', '/settings/appearance', '/settings/folders', '/settings/folders?folder=Projekte']) {
      await open(page, address);
      await expectNoSidewaysScrolling(page);
    }
  });
}
