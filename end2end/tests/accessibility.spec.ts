// Every kind of page looked over by axe-core, in light and dark, on a phone, a tablet and a desk; and the keyboard.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { attach, button, write } from '../support/composer.ts';
import { alerted, expect, list, openMore, row, rows, subject, test, tool } from '../support/fixtures.ts';
import { demo, leer } from '../support/people.ts';

const WIDTHS = [390, 820, 1440];

async function expectAccessible(page: Page): Promise<void> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 844 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // What a mail says is not ours to judge: its frame is left out.
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode(true)
        .exclude('iframe')
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      for (const violation of violations) {
        if (violation.impact !== 'serious' && violation.impact !== 'critical') continue;
        for (const node of violation.nodes) {
          found.push(`${width} ${colorScheme}: ${violation.id} at ${node.target.join(' ')}: ${node.failureSummary?.replace(/\s+/g, ' ').slice(0, 220)}`);
        }
      }
    }
  }
  expect([...new Set(found)]).toEqual([]);
}

test.describe('axe-core finds nothing serious', () => {
  test.setTimeout(60_000);
  // axe-core is a script and waits for timers, which a browser without JavaScript does not have. So the page without
  // JavaScript is looked over in a browser that runs scripts, with the application's own kept from starting.
  test.use({ javaScriptEnabled: true });
  test.beforeEach(async ({ context, scripted }) => {
    if (scripted) return;
    const nothing = 'export default () => new Promise(() => {}); export function hydrate() {}';
    await context.route('**/pkg/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: nothing }));
  });

  test('in the sign-in page, with and without a complaint', async ({ page, open }) => {
    await open(page, '/login');
    await expectAccessible(page);
    await page.getByRole('textbox', { name: 'Email address' }).fill('nobody');
    await page.getByRole('textbox', { name: 'Password' }).fill('x');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(alerted(page, 'This is not a complete email address.')).toBeVisible();
    await expectAccessible(page);
  });

  for (const [what, address] of [
    ['a list', '/mail/INBOX'],
    ['a page of a list', '/mail/Many?page=2'],
    ['a message', '/mail/INBOX/5'],
    ['a message with all headers', '/mail/INBOX/11?headers=all'],
    ['odd mails', '/mail/Odd'],
    ['the composer', '/compose'],
    ['an answer', '/compose?reply-all=11&folder=INBOX'],
    ['the settings', '/settings/appearance'],
    ['the folders', '/settings/folders'],
    ['one folder', '/settings/folders?folder=a%2Fb'],
  ] as const) {
    test(`in ${what}`, async ({ page, open, signIn }) => {
      await signIn(page, demo);
      await open(page, address);
      await expectAccessible(page);
    });
  }

  test('in an empty folder', async ({ page, open, signIn }) => {
    await signIn(page, leer);
    await open(page, '/mail/INBOX');
    await expectAccessible(page);
  });

  test('where something is not there', async ({ page, open, signIn, expectErrors }) => {
    expectErrors(/404/);
    await signIn(page, leer);
    for (const address of ['/mail/Nowhere', '/mail/INBOX/99', '/nowhere']) {
      await open(page, address);
      await expectAccessible(page);
    }
  });

  test('in an open menu and an open question', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/Trash/1');
    await openMore(page);
    await expectAccessible(page);
    await open(page, '/mail/Trash/1');
    await tool(page, 'Delete').click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page);
  });

  test('in a composer with a complaint and files', async ({ page, open, signIn, settled, mailbox, people }) => {
    await mailbox.messages('INBOX');
    await signIn(page, people.me);
    await open(page, '/compose');
    await write(page, { to: 'nobody@posthorn.example', cc: people.peer.address, subject: 'x', text: 'x' });
    await attach(page, { name: 'file.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await button(page, 'Send').click();
    await expect(alerted(page, 'Nothing was sent')).toBeVisible();
    await settled(page);
    await expectAccessible(page);
  });
});

test('the first Tab offers to skip to the content', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('the list is gone through by Tab, and Enter opens', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await rows(page).first().focus();
  // Before each message stands the box that chooses it.
  for (const index of [1, 2]) {
    await page.keyboard.press('Tab');
    await expect(list(page).getByRole('checkbox').nth(index)).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(rows(page).nth(index)).toBeFocused();
  }
  const outline = await rows(page).nth(2).evaluate((element) => getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow);
  expect(outline, 'the focus is seen').not.toBe('nonenone');
  await page.keyboard.press('Enter');
  await expect(subject(page)).toHaveText('日本語の件名です');
});

test('the question before deleting is answered by keys', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/Trash/1');
  await tool(page, 'Delete').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(tool(page, 'Delete')).toBeFocused();
});

test('a menu closes by Escape', async ({ page, open, signIn, scripted }) => {
  test.skip(!scripted, 'without JavaScript a menu is a disclosure, which its own button closes');
  await signIn(page, demo);
  await open(page, '/mail/INBOX/14');
  await openMore(page);
  await expect(page.getByRole('button', { name: 'Mark as unread' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Mark as unread' })).toBeHidden();
});

test('every page has one heading of the first level and a main part', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  for (const address of ['/mail/INBOX', '/mail/INBOX/14', '/compose', '/settings/appearance']) {
    await open(page, address);
    await expect(page.getByRole('heading', { level: 1 }), address).toHaveCount(1);
    await expect(page.getByRole('main'), address).toHaveCount(1);
  }
  await open(page, '/mail/INBOX');
  await expect(row(page, 'Newest message')).toBeVisible();
});
