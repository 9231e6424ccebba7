// Links that are not what they seem: marked beside the link whatever the mail's styles do, told above the body, and no
// word about honest ones. And senders who are new and look like somebody written to.
import type { Locator, Page } from '@playwright/test';
import { body, expect, listAt, messageAt, row, subject, test } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';

const mark = (page: Page): Locator => body(page).locator('.posthorn-mark');
const note = (page: Page): Locator => body(page).locator('.posthorn-note.alarm');
const link = (page: Page, name: string): Locator => body(page).getByRole('link', { name, exact: true });

test('a link that leads elsewhere and a host that looks like another are marked and told', async ({
  page, open, signIn, people, mailbox,
}) => {
  const html = `<p>Dear customer, confirm at <a href="https://www.bank.example.evil.test/x" title="https://www.bank.example/">www.bank.example/login</a>
    or <a href="https://www.xn--pypal-4ve.com/">sign in</a>.</p><p><a href="https://www.bank.example/imprint">bank.example</a></p>`;
  const uid = await mailbox.append('INBOX', mail({ subject: 'Confirm', html }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(mark(page)).toHaveText([
    'leads to www.bank.example.evil.test',
    'leads to www.xn--pypal-4ve.com, which only looks like www.paypal.com',
  ]);
  // What of the host somebody owns stands out.
  await expect(mark(page).first().locator('b')).toHaveText('evil.test');
  await expect(link(page, 'www.bank.example/login')).toHaveAccessibleDescription('Caution: leads to www.bank.example.evil.test');
  await expect(link(page, 'www.bank.example/login')).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  await expect(note(page)).toContainText('Not every link in this message leads where it seems to.');
  await expect(note(page).getByRole('listitem')).toHaveText([
    '“www.bank.example” leads to www.bank.example.evil.test',
    'A link leads to www.xn--pypal-4ve.com, which only looks like www.paypal.com',
  ]);
});

test('an honest newsletter has no marks, and its links say where they lead', async ({ page, open, signIn, people, mailbox }) => {
  const html = `<table><tr><td><a href="https://nord.list-manage.com/track/click?u=1" title="https://lie.example">www.nord.example</a>
    <a href="https://u1.ct.sendgrid.net/ls/click?upn=x">Our autumn offers</a>
    <a href="https://shop.nord.example/imprint">nord.example</a> <a href="mailto:service@nord.example?subject=x">Write to us</a>
    </td></tr></table>`;
  const uid = await mailbox.append('INBOX', mail({ subject: 'Offers', html }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(link(page, 'Our autumn offers')).toHaveAttribute('title', 'u1.ct.sendgrid.net');
  await expect(link(page, 'www.nord.example')).toHaveAttribute('title', 'nord.list-manage.com');
  await expect(link(page, 'Write to us')).toHaveAttribute('title', 'service@nord.example');
  await expect(mark(page)).toHaveCount(0);
  await expect(note(page)).toHaveCount(0);
});

test('a text is marked where an address begins like another, and quiet where it does not', async ({
  page, open, signIn, people, mailbox,
}) => {
  const text = 'Sign in: https://www.bank.example@evil.example/login\nOr see https://shop.example/ and write to jo@shop.example.\n';
  const uid = await mailbox.append('INBOX', mail({ subject: 'In text', text }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(mark(page)).toHaveText(['leads to evil.example']);
  await expect(note(page).getByRole('listitem')).toHaveText(['“www.bank.example” leads to evil.example']);
});

const deceiving = '<a href="https://evil.example/">www.bank.example</a>';

/** Ways to have a link seen and what stands beside it not. */
const HIDING: Record<string, string> = {
  'no room': `<div style="height:20px;overflow:hidden;width:130px;white-space:nowrap">${deceiving}</div>`,
  'letters of no size around': `<div style="font-size:0;line-height:0"><span style="font-size:16px;line-height:20px">${deceiving.replace('www', '<i>www</i>')}</span></div>`,
  'white on white': `<div style="color:#fff;background:#fff"><span style="color:#fff">${deceiving.replace('<a ', '<a style="color:#00f" ')}</span></div>`,
  'hardly there': `<div style="opacity:0.2">${deceiving}</div>`,
  'hidden around': `<div style="visibility:hidden">${deceiving.replace('<a ', '<a style="visibility:visible" ')}</div>`,
  'far to the right': `<div style="text-indent:9000px"><p>x</p></div><div style="white-space:pre;overflow:hidden">${deceiving.replace('</a>', `${'&nbsp;'.repeat(4000)}</a>`)}</div>`,
  'far below': `<div>${deceiving.replace('</a>', '<br><br><br><br><br><br><br><br><br><br><br><br></a>')}</div>`,
  'pushed away': `<div>${deceiving.replace('<a ', '<a style="display:inline-block;margin-right:9000px;padding-right:3000px;padding-bottom:2000px;letter-spacing:-4px" ')}</div>`,
  'off its line': `<div>${deceiving.replace('<a ', '<a style="vertical-align:2000px" ').replace('bank', '<i style="vertical-align:-90px">bank</i>')}</div>`,
  'turned': `<div dir="rtl" style="direction:rtl;text-transform:uppercase;letter-spacing:-5px;word-spacing:-5px;text-decoration:line-through">${deceiving}</div>`,
  'in a cell of no width': `<table style="table-layout:fixed;width:1px"><tr><td style="overflow:hidden;width:1px;max-width:1px;max-height:1px">${deceiving}</td></tr></table>`,
  'floating': `<div style="float:left;width:140px;height:1px;overflow:hidden">${deceiving}</div><p>Text beside.</p>`,
};

for (const [how, html] of Object.entries(HIDING)) {
  test(`a mark cannot be styled away: ${how}`, async ({ page, open, signIn, people, mailbox }) => {
    const uid = await mailbox.append('INBOX', mail({ subject: 'Hidden', html }));
    await signIn(page, people.me);
    await open(page, messageAt('INBOX', uid));
    await expect(note(page).getByRole('listitem')).toHaveText(['“www.bank.example” leads to evil.example']);
    await expect(mark(page)).toHaveText('leads to evil.example');
    await mark(page).scrollIntoViewIfNeeded();
    const seen = await mark(page).evaluate((element) => {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      let opacity = 1;
      for (let up: Element | null = element; up; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return {
        size: style.fontSize,
        colour: style.color,
        ground: style.backgroundColor,
        visibility: style.visibility,
        direction: style.direction,
        spacing: style.letterSpacing,
        opacity,
        whole: box.width > 100 && box.height >= 18,
        uncovered: top !== null && element.contains(top),
      };
    });
    expect(seen).toEqual({
      size: '13px',
      colour: 'rgb(125, 26, 20)',
      ground: 'rgb(253, 240, 238)',
      visibility: 'visible',
      direction: 'ltr',
      spacing: 'normal',
      opacity: 1,
      whole: true,
      uncovered: true,
    });
    const at = await mark(page).boundingBox();
    const link = await body(page).getByRole('link').boundingBox();
    const end = (link?.y ?? 0) + (link?.height ?? 0);
    expect(Math.abs((at?.y ?? 0) - end), 'the mark stands where the link ends').toBeLessThan(40);
  });
}

test('the place where a link leads shows when the link has the focus', async ({ page, open, signIn, people, mailbox }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Focus', html: '<p><a href="https://shop.example/a">Our shop</a></p>' }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const shop = link(page, 'Our shop');
  await shop.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  const told = await shop.evaluate((element) => getComputedStyle(element, '::after').content);
  expect(told).toContain('shop.example');
});

const people = (from: string, title: string): Buffer => mail({ from, subject: title });

test('a sender who looks like somebody written to is told, and others are not', async ({
  page, open, signIn, people: cast, mailbox, serverWith,
}) => {
  // A server of its own: what was sent is asked for once in ten minutes.
  const server = await serverWith({});
  await mailbox.append('Sent', mail({ from: cast.me.address, to: 'Jo Berg <jo@wiesenau.example>', subject: 'Written' }), ['\\Seen']);
  const feigned = await mailbox.append('INBOX', people('Jo Berg <jo@w1esenau.example>', 'Feigned'));
  const real = await mailbox.append('INBOX', people('Jo Berg <jo@wiesenau.example>', 'Real'));
  await signIn(page, cast.me, server);
  const warning = page.getByRole('note').filter({ hasText: 'looks like' });
  await open(page, `${server.url}${messageAt('INBOX', feigned)}`);
  await expect(warning).toContainText('The sender’s address jo@w1esenau.example looks like jo@wiesenau.example, but is another one.');
  await open(page, `${server.url}${messageAt('INBOX', real)}`);
  await expect(subject(page)).toHaveText('Real');
  await expect(warning).toHaveCount(0);
});

test('the warning comes too where the message is opened from the list', async ({
  page, open, signIn, people: cast, mailbox, serverWith,
}) => {
  const server = await serverWith({});
  await mailbox.append('Sent', mail({ from: cast.me.address, to: 'jo@wiesenau.example', subject: 'Written' }), ['\\Seen']);
  await mailbox.append('INBOX', people('jo@wiesnau.example', 'Feigned'));
  await signIn(page, cast.me, server);
  await open(page, `${server.url}${listAt('INBOX')}`);
  await row(page, 'Feigned').click();
  await expect(subject(page)).toHaveText('Feigned');
  await expect(page.getByRole('note').filter({ hasText: 'looks like jo@wiesenau.example' })).toHaveCount(1);
});
