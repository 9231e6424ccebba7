// What can be done to a message, each change looked up at the server afterwards.
import type { Page } from '@playwright/test';
import type { Imap } from '../support/imap.ts';
import { alerted, expect, folders, messageAt, openMore, row, rows, subject, test, told, tool } from '../support/fixtures.ts';
import { header, mail } from '../support/mail.ts';

async function subjects(box: Imap, folder: string): Promise<string[]> {
  return (await box.messages(folder)).map((message) => header(message.raw, 'Subject'));
}

/** One message in the middle of three, read, opened; its UID. */
async function opened(page: Page, box: Imap, folder = 'INBOX'): Promise<number> {
  await box.append(folder, mail({ subject: 'Before', age: 3 }), ['\\Seen']);
  const uid = await box.append(folder, mail({ subject: 'The one', age: 2 }), ['\\Seen']);
  await box.append(folder, mail({ subject: 'After', age: 1 }), ['\\Seen']);
  expect((await page.goto(messageAt(folder, uid)))?.status()).toBe(200);
  return uid;
}

test.beforeEach(async ({ page, signIn, people }) => {
  await signIn(page, people.me);
});

test('a star is set and taken, and the message stays open', async ({ page, mailbox, settled }) => {
  const uid = await opened(page, mailbox);
  await settled(page);
  await tool(page, 'Star').click();
  await expect(tool(page, 'Remove star')).toBeVisible();
  await expect(row(page, 'The one')).toHaveAccessibleName(/Starred/);
  await expect.poll(() => mailbox.flags('INBOX', uid)).toContain('\\Flagged');
  await settled(page);
  await tool(page, 'Remove star').click();
  await expect(tool(page, 'Star')).toBeVisible();
  await expect(row(page, 'The one')).not.toHaveAccessibleName(/Starred/);
  await expect.poll(() => mailbox.flags('INBOX', uid)).not.toContain('\\Flagged');
  await expect(subject(page)).toHaveText('The one');
});

test('a star stays when the list has been asked for anew', async ({ page, mailbox, settled, scripted }) => {
  test.skip(!scripted, 'without JavaScript nothing is asked for anew');
  const uid = await opened(page, mailbox);
  await settled(page);
  const anew = page.waitForResponse((response) => response.url().includes('/api/rows'));
  await tool(page, 'Star').click();
  await expect(tool(page, 'Remove star')).toBeVisible();
  await mailbox.append('INBOX', mail({ subject: 'Later' }));
  await (await anew).finished();
  await expect(row(page, 'Later')).toBeVisible();
  await page.waitForTimeout(500);
  await expect(tool(page, 'Remove star')).toBeVisible();
  await mailbox.setFlags('INBOX', String(uid), ['\\Flagged'], false);
  await expect(tool(page, 'Star')).toBeVisible();
});

test('marking as unread leads to the list and leaves the message unread', async ({ page, mailbox, settled }) => {
  const uid = await opened(page, mailbox);
  await settled(page);
  await openMore(page);
  await page.getByRole('button', { name: 'Mark as unread' }).click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(told(page, 'Marked as unread.')).toBeVisible();
  await expect(row(page, 'The one')).toHaveAccessibleName(/^Unread/);
  await expect(page).toHaveTitle('(1) Inbox – Posthorn');
  await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 1 unread$/ })).toBeVisible();
  expect(await mailbox.flags('INBOX', uid)).not.toContain('\\Seen');
});

for (const [button, folder, notice] of [
  ['Delete', 'Trash', 'Moved to the trash.'],
  ['Archive', 'Archive', 'Archived.'],
  ['Report spam', 'Junk', 'Moved to spam.'],
] as const) {
  test(`"${button}" moves the message, and it alone`, async ({ page, mailbox, settled }) => {
    await opened(page, mailbox);
    await settled(page);
    await tool(page, button).click();
    await expect(page).toHaveURL('/mail/INBOX');
    await expect(told(page, notice)).toBeVisible();
    await expect(rows(page)).toHaveCount(2);
    await expect(row(page, 'The one')).toHaveCount(0);
    expect(await subjects(mailbox, 'INBOX')).toEqual(['Before', 'After']);
    expect(await subjects(mailbox, folder)).toEqual(['The one']);
  });
}

test('what was moved is brought back, once, and as it was', async ({ page, mailbox, settled }) => {
  const uid = await opened(page, mailbox);
  await mailbox.setFlags('INBOX', String(uid), ['\\Flagged']);
  await settled(page);
  await tool(page, 'Report spam').click();
  await expect(told(page, 'Moved to spam.')).toBeVisible();
  await settled(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await settled(page);
  await expect(told(page, 'Undone.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await expect(row(page, 'The one')).toBeVisible();
  expect(await subjects(mailbox, 'Junk')).toEqual([]);
  expect(await subjects(mailbox, 'INBOX')).toEqual(['Before', 'After', 'The one']);
  const back = (await mailbox.messages('INBOX')).at(-1);
  expect(back?.flags).toEqual(expect.arrayContaining(['\\Seen', '\\Flagged']));
});

test('what is no spam goes to the inbox', async ({ page, mailbox, settled }) => {
  await opened(page, mailbox, 'Junk');
  await settled(page);
  await tool(page, 'Not spam').click();
  await expect(page).toHaveURL('/mail/Junk');
  await expect(told(page, 'Moved to the inbox.')).toBeVisible();
  expect(await subjects(mailbox, 'INBOX')).toEqual(['The one']);
  expect(await subjects(mailbox, 'Junk')).toEqual(['Before', 'After']);
});

test('in the trash, deleting asks, and Cancel keeps the message', async ({ page, mailbox, settled }) => {
  await opened(page, mailbox, 'Trash');
  await settled(page);
  const dialog = page.getByRole('dialog', { name: 'Delete this message for ever?' });
  await expect(dialog).toBeHidden();
  await tool(page, 'Delete').click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect(await subjects(mailbox, 'Trash')).toEqual(['Before', 'The one', 'After']);
  await tool(page, 'Delete').click();
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(page).toHaveURL('/mail/Trash');
  await expect(told(page, 'Deleted for ever.')).toBeVisible();
  await expect(row(page, 'The one')).toHaveCount(0);
  expect(await subjects(mailbox, 'Trash')).toEqual(['Before', 'After']);
});

test('deleting for ever takes nothing along that another program marked', async ({ page, mailbox, settled }) => {
  const uid = await opened(page, mailbox, 'Trash');
  await mailbox.setFlags('Trash', String(uid - 1), ['\\Deleted']);
  await settled(page);
  await tool(page, 'Delete').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for ever' }).click();
  await expect(told(page, 'Deleted for ever.')).toBeVisible();
  expect(await subjects(mailbox, 'Trash')).toEqual(['Before', 'After']);
});

test('a message is moved to a folder of any name', async ({ page, mailbox, settled }) => {
  const name = 'Ablage & "Süd" <b>日本';
  await mailbox.create(name);
  await opened(page, mailbox);
  await settled(page);
  await openMore(page);
  await page.getByRole('combobox', { name: 'Move to folder' }).selectOption({ label: name });
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(told(page, 'Moved.')).toBeVisible();
  await expect(row(page, 'The one')).toHaveCount(0);
  expect(await subjects(mailbox, name)).toEqual(['The one']);
  expect(await subjects(mailbox, 'INBOX')).toEqual(['Before', 'After']);
});

test('a move keeps the flags', async ({ page, mailbox, settled }) => {
  const uid = await opened(page, mailbox);
  await mailbox.setFlags('INBOX', String(uid), ['\\Flagged', '\\Answered', '$Forwarded']);
  await settled(page);
  await tool(page, 'Archive').click();
  await expect(told(page, 'Archived.')).toBeVisible();
  const [moved] = await mailbox.messages('Archive');
  expect(moved?.flags).toEqual(expect.arrayContaining(['\\Seen', '\\Flagged', '\\Answered', '$Forwarded']));
});

test('the folders count along', async ({ page, mailbox, settled }) => {
  await mailbox.append('INBOX', mail({ subject: 'Unread one' }));
  await opened(page, mailbox);
  await settled(page);
  await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 1 unread$/ })).toBeVisible();
  await row(page, 'Unread one').click();
  await expect(subject(page)).toHaveText('Unread one');
  await expect(folders(page).getByRole('link', { name: 'Inbox', exact: true })).toBeVisible();
  await settled(page);
  await openMore(page);
  await page.getByRole('button', { name: 'Mark as unread' }).click();
  await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 1 unread$/ })).toBeVisible();
});

test('from the second page one gets back to the second page', async ({ page, mailbox, settled }) => {
  await mailbox.appendAll('INBOX', Array.from({ length: 52 }, (_, i) => mail({ subject: `Number ${i}.`, age: 100 - i })), ['\\Seen']);
  await page.goto('/mail/INBOX?page=2');
  await settled(page);
  await row(page, 'Number 1.').click();
  await expect(subject(page)).toHaveText('Number 1.');
  await settled(page);
  await tool(page, 'Delete').click();
  await expect(page).toHaveURL('/mail/INBOX?page=2');
  await expect(row(page, 'Number 0.')).toBeVisible();
  await expect(row(page, 'Number 1.')).toHaveCount(0);
});

for (const [key, folder, read] of [['e', 'Archive', true], ['U', 'INBOX', false]] as const) {
  test(`what "${key}" does before the text has come is about a message that was opened`, async ({ page, open, mailbox, scripted, expectErrors }) => {
    // The text is asked for after all, when the test lets it go.
    expectErrors(/404/);
    test.skip(!scripted, 'without JavaScript the message comes with its text');
    await mailbox.append('INBOX', mail({ subject: 'At once' }));
    await open(page, '/mail/INBOX');
    await page.route(/\/body/, () => undefined);
    await row(page, 'At once').click();
    await expect(tool(page, 'Archive')).toBeVisible();
    await page.keyboard.press(key);
    await expect(told(page, read ? 'Archived.' : 'Marked as unread.')).toBeVisible();
    // As long as it would take to be marked as read.
    await page.waitForTimeout(600);
    const [found] = await mailbox.messages(folder);
    expect(found?.flags.includes('\\Seen')).toBe(read);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
}

test('a message that has gone meanwhile is told, and nothing else is touched', async ({ page, mailbox, settled, expectErrors }) => {
  expectErrors(/404/);
  const uid = await opened(page, mailbox);
  await settled(page);
  await mailbox.expunge('INBOX', uid);
  await tool(page, 'Archive').click();
  await expect(alerted(page, 'There is no such message.')).toBeVisible();
  expect(await subjects(mailbox, 'INBOX')).toEqual(['Before', 'After']);
  expect(await subjects(mailbox, 'Archive')).toEqual([]);
});

test('a change under an old UIDVALIDITY is refused', async ({ page, mailbox, baseURL }) => {
  const uid = await opened(page, mailbox);
  const validity = await mailbox.uidValidity('INBOX');
  const response = await page.request.post('/api/change', {
    form: { folder: 'INBOX', uid_validity: String(validity + 1), uid: String(uid), change: 'delete', target: '', back: '/' },
    headers: { Origin: baseURL ?? '' },
  });
  expect(response.ok()).toBe(false);
  expect(await subjects(mailbox, 'INBOX')).toEqual(['Before', 'The one', 'After']);
});
