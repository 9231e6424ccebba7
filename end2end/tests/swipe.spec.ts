// Rows are swiped on a touch screen, by real touches: what they do, and that scrolling stays scrolling.
import type { Page } from '@playwright/test';
import { expect, row, rows, test, told } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
test.skip(({ scripted }) => !scripted, 'without JavaScript there are boxes and buttons');

/** Puts a finger on the row, moves it by `steps` from there, and lifts it if asked to. */
async function touch(page: Page, subject: string, steps: [number, number][], lift = true): Promise<() => Promise<void>> {
  const box = await row(page, subject).boundingBox();
  if (!box) throw new Error('the row is not there');
  const client = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y: number) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + box.width / 2 + x, y: box.y + box.height / 2 + y }],
    });
  await send('touchStart', 0, 0);
  let [fromX, fromY] = [0, 0];
  for (const [x, y] of steps) {
    // A finger passes over what lies between.
    for (let part = 1; part <= 6; part += 1) await send('touchMove', fromX + ((x - fromX) * part) / 6, fromY + ((y - fromY) * part) / 6);
    [fromX, fromY] = [x, y];
  }
  const end = () => send('touchEnd', 0, 0).then(() => undefined);
  if (lift) await end();
  return end;
}

test.beforeEach(async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'First', age: 2 }), ['\\Seen']);
  await mailbox.append('INBOX', mail({ subject: 'Second', age: 1 }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
});

test('to the left a row is archived, and can be brought back', async ({ page, mailbox }) => {
  const lift = await touch(page, 'First', [[-60, 2]], false);
  const item = page.getByRole('listitem').filter({ hasText: 'First' });
  await expect(item).toHaveAttribute('data-hint', 'Archive');
  await expect(item).not.toHaveAttribute('data-armed', /.*/);
  await lift();
  await expect(item).not.toHaveAttribute('data-swipe', /.*/);
  await expect(rows(page)).toHaveCount(2);
  await touch(page, 'First', [[-160, 5]]);
  await expect(row(page, 'First')).toHaveCount(0);
  await expect(told(page, 'Archived.')).toBeVisible();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'First')).toBeVisible();
  expect(await mailbox.messages('Archive')).toHaveLength(0);
});

test('to the right a row is marked as read, and as unread again', async ({ page, mailbox }) => {
  const flags = async () => (await mailbox.messages('INBOX')).at(-1)?.flags ?? [];
  await touch(page, 'Second', [[160, 0]]);
  await expect(row(page, 'Second')).not.toHaveAccessibleName(/Unread/);
  await expect.poll(flags).toContain('\\Seen');
  await touch(page, 'Second', [[160, 0]]);
  await expect(row(page, 'Second')).toHaveAccessibleName(/^Unread/);
  await expect.poll(flags).not.toContain('\\Seen');
});

test('what goes back before it is let go, or goes down, does nothing', async ({ page, mailbox }) => {
  await touch(page, 'First', [[-200, 0], [-20, 0]]);
  await touch(page, 'First', [[-10, -120]]);
  await touch(page, 'Second', [[70, 90]]);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator('[data-swipe]')).toHaveCount(0);
  await expect(page).toHaveURL('/mail/INBOX');
  expect(await mailbox.messages('INBOX')).toHaveLength(2);
  expect(await mailbox.messages('Archive')).toHaveLength(0);
  // A tap is a tap.
  await row(page, 'First').tap();
  await expect(page).toHaveURL(/\/mail\/INBOX\/\d+/);
});

test('a list is scrolled by touch as ever', async ({ page, mailbox, open }) => {
  await mailbox.appendAll('INBOX', Array.from({ length: 20 }, (_, i) => mail({ subject: `Number ${i}.` })), ['\\Seen']);
  await open(page, '/mail/INBOX');
  await touch(page, 'Number 15.', [[5, -300]]);
  await expect.poll(() => page.locator('.list-body').evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
  await expect(rows(page).first()).toBeAttached();
  expect(await mailbox.messages('Archive')).toHaveLength(0);
});

test('in the trash a swipe asks first', async ({ page, mailbox, open }) => {
  await mailbox.append('Trash', mail({ subject: 'Thrown away' }));
  await open(page, '/mail/Trash');
  await touch(page, 'Thrown away', [[-160, 0]]);
  const dialog = page.getByRole('dialog', { name: 'Delete' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await mailbox.messages('Trash')).toHaveLength(1);
});
