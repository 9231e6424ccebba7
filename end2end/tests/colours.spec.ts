// Light and dark: HTML mails are legible on dark paper, their own colours are a link away, and what is chosen in the
// settings holds for the page and for the mail in it. And narrow panes, which a mail fits into.
import type { Locator, Page } from '@playwright/test';
import { body, expect, messageAt, openMore, test } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';

const newsletter = `<html><head><style>
  body { background: #f4f4f4; color: #333 } .card { background: #fff; padding: 20px; border: 1px solid #ddd }
  .button { background-color: #0066cc; color: #ffffff; padding: 8px }
</style></head><body><table width="600" bgcolor="#eeeeee"><tr><td class="card">
<h1 style="color:#000000">Tulips</h1><p>Plain words</p><p style="color:#777">Small print</p>
<p><a href="https://shop.example/">A link</a> <a class="button" href="https://shop.example/buy">Buy</a></p>
<font color="navy">An old font</font><p style="background:#ffd800">On yellow</p>
<p style="background:#123456;color:#fff">On blue</p></td></tr></table></body></html>`;

const link = (page: Page, name: string): Locator => page.getByRole('link', { name, exact: true });
const own = 'Show with its own colours';
const words = (page: Page): Locator => body(page).getByText('Plain words');
const card = (page: Page): Locator => body(page).locator('td').first();

/** The least contrast of any text in the frame, by what the browser computed, and the text that has it. */
const lowest = (page: Page): Promise<{ ratio: number; text: string }> =>
  body(page).evaluate((root) => {
    const numbers = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = (colour: number[]): number =>
      colour
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, at) => sum + value * ([0.2126, 0.7152, 0.0722][at] ?? 0), 0);
    const ground = (element: Element | null): number[] => {
      for (let at = element; at; at = at.parentElement) {
        const colour = numbers(getComputedStyle(at).backgroundColor);
        if (colour.length === 3) return colour;
      }
      return [255, 255, 255];
    };
    let found = { ratio: 21, text: '' };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.textContent?.trim() || !parent?.checkVisibility()) continue;
      const [one = 0, two = 0] = [light(numbers(getComputedStyle(parent).color)), light(ground(parent))];
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      if (ratio < found.ratio) found = { ratio, text: node.textContent.trim().slice(0, 40) };
    }
    return found;
  });

test('a newsletter is dark where the system is, and has its own colours by a link', async ({
  page, people, mailbox, signIn, open,
}) => {
  const uid = await mailbox.append('INBOX', mail({ text: 'Plain words', html: newsletter }));
  await page.emulateMedia({ colorScheme: 'dark' });
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(words(page)).toHaveCSS('color', 'rgb(190, 190, 190)');
  await expect(card(page)).toHaveCSS('background-color', 'rgb(22, 21, 19)');
  await expect(body(page).getByRole('link', { name: 'Buy' })).toHaveCSS('background-color', 'rgb(0, 102, 204)');
  await expect(body(page).getByText('On blue')).toHaveCSS('background-color', 'rgb(18, 52, 86)');
  const { ratio, text } = await lowest(page);
  expect(ratio, text).toBeGreaterThanOrEqual(4.5);

  await link(page, own).click();
  await expect(page).toHaveURL(/[?&]colours=own/);
  await expect(words(page)).toHaveCSS('color', 'rgb(51, 51, 51)');
  await expect(card(page)).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(page.frameLocator('iframe[title="Message body"]').locator('html')).toHaveCSS('color-scheme', 'light');
  await link(page, 'Show dark').click();
  await expect(page).not.toHaveURL(/colours/);
  await expect(card(page)).toHaveCSS('background-color', 'rgb(22, 21, 19)');

  // Its text has no colours.
  await openMore(page);
  await link(page, 'Show as plain text').click();
  await expect(link(page, own)).toBeHidden();
});

test('where the system is light, a newsletter is what it was', async ({ page, people, mailbox, signIn, open }) => {
  const uid = await mailbox.append('INBOX', mail({ html: newsletter }));
  await page.emulateMedia({ colorScheme: 'light' });
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(words(page)).toHaveCSS('color', 'rgb(51, 51, 51)');
  await expect(card(page)).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(card(page)).toHaveCSS('border-top-color', 'rgb(221, 221, 221)');
  await expect(link(page, own)).toBeHidden();
  // The system changes, and no document is loaded anew.
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(card(page)).toHaveCSS('background-color', 'rgb(22, 21, 19)');
  await expect(link(page, own)).toBeVisible();
  // Paper is white.
  await page.goto(`${messageAt('INBOX', uid)}/print`);
  await expect(page.locator('td').first()).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(page.getByText('Plain words')).toHaveCSS('color', 'rgb(51, 51, 51)');
});

test('light or dark is chosen in the settings, for the page and the mail', async ({
  page, people, mailbox, signIn, open, settled,
}) => {
  const html = await mailbox.append('INBOX', mail({ html: newsletter }));
  const text = await mailbox.append('INBOX', mail({ text: 'Plain words' }));
  await page.emulateMedia({ colorScheme: 'light' });
  await signIn(page, people.me);
  await open(page, '/settings/appearance');
  const theme = page.getByRole('form', { name: 'Light or dark' });
  await expect(theme.getByRole('button', { name: 'As the device' })).toHaveAttribute('aria-pressed', 'true');
  await theme.getByRole('button', { name: 'Dark', exact: true }).click();
  await settled(page);
  await expect(theme.getByRole('button', { name: 'Dark', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'dark');
  await open(page, messageAt('INBOX', html));
  await expect(page.locator('.reader-pane')).toHaveCSS('color', 'rgb(236, 233, 227)');
  await expect(card(page)).toHaveCSS('background-color', 'rgb(22, 21, 19)');
  await expect(link(page, own)).toBeVisible();
  await open(page, messageAt('INBOX', text));
  await expect(body(page)).toHaveCSS('background-color', 'rgb(22, 21, 19)');

  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, '/settings/appearance');
  await theme.getByRole('button', { name: 'Light', exact: true }).click();
  await settled(page);
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'light');
  await open(page, messageAt('INBOX', html));
  await expect(card(page)).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(link(page, own)).toBeHidden();
  await open(page, messageAt('INBOX', text));
  await expect(body(page)).toHaveCSS('background-color', 'rgb(255, 255, 255)');

  await open(page, '/settings/appearance');
  await theme.getByRole('button', { name: 'As the device' }).click();
  await settled(page);
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'light dark');
  await expect(theme.getByRole('button', { name: 'As the device' })).toHaveAttribute('aria-pressed', 'true');
});

test('an attached newsletter is dark, too', async ({ page, people, mailbox, signIn, open }) => {
  const part = (type: string) => Buffer.from(`--b\r\nContent-Type: ${type}\r\n\r\n`);
  const end = Buffer.from('\r\n');
  const uid = await mailbox.append(
    'INBOX',
    Buffer.concat([
      Buffer.from('From: Anna <anna@posthorn.example>\r\nSubject: Outside\r\nMIME-Version: 1.0\r\n'),
      Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n'),
      part('text/html'), Buffer.from('<p>Outside</p>'), end,
      part('message/rfc822'), mail({ subject: 'Inside', html: newsletter }), end,
      Buffer.from('--b--\r\n'),
    ]),
  );
  await page.emulateMedia({ colorScheme: 'dark' });
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const inside = page.getByRole('list', { name: 'Attached messages' }).getByText('Inside');
  const cell = page.frameLocator('.nested-body').locator('td').first();
  await inside.click();
  await expect(cell).toHaveCSS('background-color', 'rgb(22, 21, 19)');
  await open(page, `${messageAt('INBOX', uid)}?colours=own`);
  await inside.click();
  await expect(cell).toHaveCSS('background-color', 'rgb(255, 255, 255)');
});

test('a newsletter of one column fits a phone', async ({ page, people, mailbox, signIn, open }) => {
  const html = `<table width="100%"><tr><td align="center"><table width="600" style="width:600px;max-width:600px">
    <tr><td style="padding:20px">${'Words and more words. '.repeat(20)}</td></tr>
    <tr><td><table width="560"><tr><td>Left</td><td>Right</td></tr></table></td></tr></table></td></tr></table>`;
  const uid = await mailbox.append('INBOX', mail({ html }));
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page)).toContainText('Right');
  const beyond = await body(page).evaluate((element) => element.ownerDocument.documentElement.scrollWidth);
  expect(beyond).toBeLessThanOrEqual(390);
});

test('a newsletter is laid out for the width of its pane, as it says itself', async ({
  page, people, mailbox, signIn, open,
}) => {
  const html = `<html><head><style>
    .column { width: 280px } .wide { display: block } .narrow { display: none; font-size: 14px }
    @media only screen and (max-width: 480px) {
      .column { display: block !important; width: 100% !important }
      .wide { display: none !important } .narrow { display: block !important; font-size: 20px !important }
      .button { display: block !important; color: #ffffff !important }
    }
    @media (prefers-color-scheme: dark) { .column { background: #ff0000 !important } }
  </style></head><body><table width="600"><tr><td class="column" width="280">Tulips</td><td class="column" width="280">Roses</td></tr></table>
  <p class="wide">For desks</p><p class="narrow">For hands</p>
  <p><a class="button" href="https://shop.example/" style="color:#0066cc;background:#eeeeee">Buy</a></p></body></html>`;
  const uid = await mailbox.append('INBOX', mail({ html }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const place = async (text: string): Promise<{ x: number; y: number }> => {
    const box = await body(page).getByText(text, { exact: true }).boundingBox();
    return { x: box?.x ?? Number.NaN, y: box?.y ?? Number.NaN };
  };
  await expect(body(page).getByText('For desks')).toBeVisible();
  await expect(body(page).getByText('For hands')).toBeHidden();
  expect((await place('Roses')).y).toBe((await place('Tulips')).y);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(body(page).getByText('For hands')).toBeVisible();
  await expect(body(page).getByText('For hands')).toHaveCSS('font-size', '20px');
  await expect(body(page).getByText('For desks')).toBeHidden();
  await expect(body(page).getByRole('link', { name: 'Buy' })).toHaveCSS('display', 'block');
  await expect(body(page).getByRole('link', { name: 'Buy' })).toHaveCSS('color', 'rgb(0, 102, 204)');
  const [tulips, roses] = [await place('Tulips'), await place('Roses')];
  expect(roses.x).toBe(tulips.x);
  expect(roses.y).toBeGreaterThan(tulips.y);
});
