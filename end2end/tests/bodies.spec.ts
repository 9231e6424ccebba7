// What the document of a body does with mails that are large, in several texts, or that paint over what Posthorn says.
import type { Locator, Page } from '@playwright/test';
import { box } from '../support/composer.ts';
import { body, expect, messageAt, test, toolLink } from '../support/fixtures.ts';
import { mail, newId } from '../support/mail.ts';

/** A mail of several parts, as its lines say. */
function mixed(subject: string, parts: string[][]): Buffer {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const head = [
    'From: Anna Berger <anna@posthorn.example>',
    'To: someone@posthorn.example',
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <${newId()}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=between',
    '',
  ];
  return Buffer.from([...head, ...parts.flatMap((part) => ['--between', ...part]), '--between--', ''].join('\r\n'));
}

/** The picture in its place between the texts. */
const placed = (page: Page): Locator => body(page).getByRole('img', { name: 'boat.png' });

/** A grey dot. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const text = (...lines: string[]): string[] => ['Content-Type: text/plain; charset=utf-8', '', ...lines];
const picture = ['Content-Type: image/png; name=boat.png', 'Content-Disposition: inline; filename=boat.png', 'Content-Transfer-Encoding: base64', '', DOT];

const note = (page: Page): Locator => body(page).locator('.posthorn-note.alarm');
const mark = (page: Page): Locator => body(page).locator('.posthorn-mark');

test('what stands before and after a picture is shown, and quoted', async ({ page, open, signIn, people, mailbox }) => {
  const parts = [text('Hello, here is the boat:'), picture, text('> > Is it paid?', 'And please pay by Friday.')];
  const uid = await mailbox.append('INBOX', mixed('The boat', parts));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page).getByText('Hello, here is the boat:')).toBeVisible();
  await expect(body(page).getByText('And please pay by Friday.')).toBeVisible();
  await expect.poll(() => placed(page).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  const top = async (what: Locator): Promise<number> => (await what.boundingBox())?.y ?? NaN;
  expect(await top(placed(page))).toBeGreaterThan(await top(body(page).getByText('Hello, here is the boat:')));
  expect(await top(placed(page))).toBeLessThan(await top(body(page).getByText('And please pay by Friday.')));
  await expect(page.getByRole('list', { name: 'Attachments', exact: true }).getByRole('listitem')).toHaveCount(1);
  await toolLink(page, 'Reply').click();
  await expect(box(page, 'Message')).toHaveValue(/> Hello, here is the boat:[^]*> And please pay by Friday\./);
});

test('a picture after HTML is shown once, and printed', async ({ page, open, signIn, people, mailbox }) => {
  const html = ['Content-Type: text/html; charset=utf-8', '', '<p>The <b>rich</b> form.</p>'];
  const uid = await mailbox.append('INBOX', mixed('The boat', [html, picture, text('Sent from a phone')]));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect.poll(() => placed(page).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  await expect(body(page).getByText('Sent from a phone')).toBeVisible();
  await open(page, `/mail/INBOX/${uid}/print`);
  const printed = page.getByRole('main').getByRole('img', { name: 'boat.png' });
  await expect.poll(() => printed.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
});

test('a footer below HTML is shown, legible in the dark', async ({ page, open, signIn, people, mailbox }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  const html = ['Content-Type: text/html; charset=utf-8', '', '<style>@media (max-width:4000px){.a{text-align:right}}</style><p class="a">The <b>rich</b> form.</p>'];
  const uid = await mailbox.append('INBOX', mixed('In a list', [html, text('-- ', 'You get this because you are on the list.'), html]));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page).getByText('The rich form.')).toHaveCount(2);
  await expect(body(page).getByText('The rich form.').last()).toHaveCSS('text-align', 'right');
  await expect(body(page).getByText('You get this because you are on the list.')).toHaveCSS('color', 'rgb(234, 231, 224)');
});

test('a line without an end is there at once', async ({ page, open, signIn, people, mailbox }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Data', text: `Here it is:\n${Buffer.from(Array.from({ length: 560_000 }, (_, n) => n % 256)).toString('base64')}\nThat was it.\n` }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page).getByText('Here it is:')).toBeVisible();
  await expect(body(page).getByText('That was it.')).toBeAttached();
});

test('a link to write a mail opens the composer', async ({ page, open, signIn, people, mailbox }) => {
  const uid = await mailbox.append('INBOX', mail({ html: '<p><a href="mailto:jonas@posthorn.example?subject=Boat&amp;bcc=spy@evil.example">Write</a></p>' }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const [tab] = await Promise.all([page.context().waitForEvent('page'), body(page).getByRole('link', { name: 'Write' }).click()]);
  await expect(box(tab, 'Subject')).toHaveValue('Boat');
  await expect(box(tab, 'To')).toHaveValue(/^jonas@posthorn\.example/);
  await tab.close();
});

const deceiving = '<p>Dear customer, please confirm:</p><p><a href="https://evil.example/x">www.bank.example</a></p>';
const slab = (size: number, more = '') => `<div style="line-height:0;height:0;font-size:${size}px;color:#fff;font-family:monospace;white-space:nowrap${more}">███</div>`;
/** What paints far beyond its place. */
const PAINTS = {
  'a huge letter': slab(800) + deceiving,
  'a thick line': `<p style="color:#fff;text-decoration:line-through;text-decoration-thickness:600px;text-decoration-color:#fff">${'x'.repeat(80)}</p>${deceiving}`,
  'a letter behind the link': `${deceiving}<div style="height:0;padding-left:100px">${slab(60, ';opacity:.99')}</div>`,
};

for (const [what, html] of Object.entries(PAINTS)) {
  test(`${what} covers neither warning nor mark nor the printed head`, async ({ page, open, signIn, people, mailbox }) => {
    const plain = await mailbox.append('INBOX', mail({ subject: 'Confirm', html: deceiving }));
    const hostile = await mailbox.append('INBOX', mail({ subject: 'Confirm', html }));
    await signIn(page, people.me);
    const seen: Buffer[][] = [];
    for (const uid of [plain, hostile]) {
      await open(page, messageAt('INBOX', uid));
      await expect(mark(page)).toBeVisible();
      const warned = await note(page).screenshot();
      // Its corner may lie on whatever the mail put there.
      const marked = await mark(page).locator('bdi').screenshot();
      await open(page, `/mail/INBOX/${uid}/print`);
      const printed = await page.locator('.print-head h1').screenshot();
      seen.push([warned, marked, printed]);
    }
    const [[warned, marked, printed], [warnedToo, markedToo, printedToo]] = seen as [Buffer[], Buffer[]];
    expect(warnedToo!.equals(warned!), 'the warning').toBe(true);
    expect(markedToo!.equals(marked!), 'the mark').toBe(true);
    expect(printedToo!.equals(printed!), 'the printed head').toBe(true);
  });
}

test('what floats in one text does not get under the next one', async ({ page, open, signIn, people, mailbox }) => {
  const html = (source: string): string[] => ['Content-Type: text/html; charset=utf-8', '', source];
  const floating = html('<div style="float:left;padding-top:20px"><a href="https://evil.test/">www.bank.example</a></div>');
  const over = html('<div style="height:0"><div style="margin-left:135px;width:600px;height:40px;background:#fff"></div></div>');
  const uid = await mailbox.append('INBOX', mixed('Confirm', [floating, over]));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await mark(page).scrollIntoViewIfNeeded();
  const uncovered = await mark(page).evaluate((element) => {
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return top !== null && element.contains(top);
  });
  expect(uncovered).toBe(true);
});

test('what Posthorn says stands where no box of the mail can, in print too', async ({ page, open, signIn, people, mailbox }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Confirm', html: deceiving }));
  await signIn(page, people.me);
  await open(page, `/mail/INBOX/${uid}/print`);
  const left = async (what: Locator): Promise<number> => (await what.boundingBox())?.x ?? NaN;
  const main = page.getByRole('main');
  expect(await left(main.locator('.posthorn-note.alarm'))).toBeLessThan(await left(main) - 20);
});
