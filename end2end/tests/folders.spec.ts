// The folders as wholes: making, changing and deleting them, emptying, marking all as read; each looked up at the
// server afterwards.
import type { Page } from '@playwright/test';
import { alerted, expect, folders, listAt, listed, rows, test, told } from '../support/fixtures.ts';
import { header, mail } from '../support/mail.ts';

const AT = '/settings/folders';

const settingsOf = (folder: string): string => `${AT}?folder=${encodeURIComponent(folder)}`;

const table = (page: Page) => page.getByRole('table');

/** The menu in the head of the list. */
async function openFolderMenu(page: Page): Promise<void> {
  await page.locator('.folder-menu > summary').click();
}

test.beforeEach(async ({ page, signIn, people }) => {
  await signIn(page, people.me);
});

test('the way to the folders is below them', async ({ page, open, settled, mailbox }) => {
  await mailbox.messages('INBOX');
  await open(page, '/mail/INBOX');
  await folders(page).getByRole('link', { name: 'Manage folders' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Folders' })).toBeVisible();
  await settled(page);
  await expect(page).toHaveTitle('Folders – Posthorn');
  for (const name of ['Inbox', 'Drafts', 'Sent', 'Archive', 'Spam', 'Trash']) {
    await expect(table(page).getByRole('rowheader', { name })).toBeVisible();
  }
});

for (const name of ['Reisen', 'Say "hi" & <b>', '日本 🎉', '100% back\\slash']) {
  test(`a folder ${name} is made, renamed, moved and deleted`, async ({ page, open, settled, mailbox }) => {
    await mailbox.create('Ablage');
    const form = page.locator('form[action="/api/create_folder"]');
    await listed(mailbox, async () => {
      await open(page, AT);
      await expect(form.locator('option', { hasText: 'Ablage' })).toHaveCount(1, { timeout: 500 });
    });
    await form.getByRole('textbox', { name: 'Name' }).fill(name);
    await form.getByRole('combobox', { name: 'In folder' }).selectOption({ label: 'Ablage' });
    await form.getByRole('button', { name: 'Create folder' }).click();
    await expect(told(page, 'Folder created.')).toBeVisible();
    await expect.poll(() => mailbox.folders()).toContain(`Ablage/${name}`);
    await expect(folders(page).getByRole('link', { name, exact: true })).toBeVisible();
    await settled(page);

    await mailbox.append(`Ablage/${name}`, mail({ subject: 'Inside' }));
    await page.getByRole('link', { name: `Edit ${name}`, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
    await settled(page);
    await page.getByRole('textbox', { name: 'Name' }).fill(`${name} 2`);
    await page.getByRole('combobox', { name: 'In folder' }).selectOption('');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(told(page, 'Folder changed.')).toBeVisible();
    await expect(page).toHaveURL(AT);
    await expect.poll(() => mailbox.folders()).toContain(`${name} 2`);
    expect(await mailbox.folders()).not.toContain(`Ablage/${name}`);

    await open(page, settingsOf(`${name} 2`));
    await expect(page.getByText('This deletes 1 message for ever.').first()).toBeVisible();
    await page.getByRole('button', { name: 'Delete folder' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('This deletes 1 message for ever.');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    expect(await mailbox.folders()).toContain(`${name} 2`);
    await page.getByRole('button', { name: 'Delete folder' }).click();
    await dialog.getByRole('button', { name: 'Delete for ever' }).click();
    await expect(told(page, 'Folder deleted.')).toBeVisible();
    await expect(page).toHaveURL(AT);
    // Dovecot may go on listing in one connection for a while what was deleted in another.
    await expect.poll(() => mailbox.folders(), { timeout: 20_000 }).not.toContain(`${name} 2`);
    await expect(folders(page).getByRole('link', { name: `${name} 2`, exact: true })).toHaveCount(0);
  });
}

test('a folder with others in it says so before it is deleted', async ({ page, open, mailbox }) => {
  for (const name of ['Oben', 'Oben/Mitte', 'Oben/Mitte/Unten']) await mailbox.create(name);
  await mailbox.append('Oben', mail({ subject: 'One' }));
  await mailbox.append('Oben/Mitte/Unten', mail({ subject: 'Two' }));
  await open(page, settingsOf('Oben'));
  await page.getByRole('button', { name: 'Delete folder' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete the folder “Oben”?' });
  await expect(dialog).toContainText('This deletes 2 messages and 2 folders inside for ever.');
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(told(page, 'Folder deleted.')).toBeVisible();
  // Dovecot may go on listing in one connection for a while what was deleted in another.
  await expect.poll(async () => (await mailbox.folders()).filter((name) => name.startsWith('Oben')), { timeout: 20_000 }).toEqual([]);
});

test('what came meanwhile is not deleted unasked', async ({ page, open, settled, mailbox, expectErrors }) => {
  expectErrors(/409/);
  await mailbox.create('Voller');
  await open(page, settingsOf('Voller'));
  // The page must not hear of it: then it would say so, and what it says may be deleted.
  await page.route('**/api/events*', (route) => route.fulfill({ status: 204 }));
  await page.reload();
  await settled(page);
  await mailbox.append('Voller', mail({ subject: 'Just now' }));
  await page.getByRole('button', { name: 'Delete folder' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for ever' }).click();
  await expect(alerted(page, 'Nothing was deleted')).toBeVisible();
  expect(await mailbox.folders()).toContain('Voller');
  await expect(page.getByText('This deletes 1 message for ever.').first()).toBeVisible();
});

test('a name that is taken or none is told, and what was typed stays', async ({ page, open, settled, mailbox, expectErrors }) => {
  expectErrors(/409/);
  await mailbox.create('Da');
  await open(page, AT);
  const form = page.locator('form[action="/api/create_folder"]');
  for (const [name, complaint] of [
    ['Da', 'There is a folder of this name already.'],
    ['a/b', 'The character / cannot be in a name'],
    ['', 'Type a name for it.'],
  ] as const) {
    await settled(page);
    await form.getByRole('textbox', { name: 'Name' }).fill(name);
    await form.getByRole('button', { name: 'Create folder' }).click();
    await expect(alerted(page, complaint)).toBeVisible();
    await expect(form.getByRole('textbox', { name: 'Name' })).toHaveValue(name);
  }
});

test('a folder with a purpose can be neither renamed nor deleted', async ({ page, open, mailbox }) => {
  await mailbox.messages('INBOX');
  await open(page, settingsOf('Trash'));
  await expect(page.getByText('“Trash” has a fixed purpose')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete folder' })).toHaveCount(0);
});

test('a subscription is ended and made', async ({ page, open, settled, mailbox }) => {
  await mailbox.create('Still');
  await mailbox.run('SUBSCRIBE Still');
  const subscribed = async () => (await mailbox.run('LSUB "" "*"')).some((answer) => answer.text.endsWith(' Still'));
  await open(page, AT);
  const toggle = page.getByRole('switch', { name: 'Subscribe to Still' });
  await expect(toggle).toBeChecked();
  await toggle.click();
  await expect(toggle).not.toBeChecked();
  await expect.poll(subscribed).toBe(false);
  await settled(page);
  await toggle.click();
  await expect(toggle).toBeChecked();
  await expect.poll(subscribed).toBe(true);
});

test('emptying the trash asks, and leaves what came since', async ({ page, open, mailbox, scripted }) => {
  await mailbox.append('Trash', mail({ subject: 'Old one' }));
  await mailbox.append('Trash', mail({ subject: 'Old two' }));
  await open(page, listAt('Trash'));
  await expect(rows(page)).toHaveCount(2);
  await openFolderMenu(page);
  await page.getByRole('button', { name: 'Empty trash…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Empty the trash?' });
  await expect(dialog).toContainText('This deletes 2 messages for ever.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect(await mailbox.messages('Trash')).toHaveLength(2);
  // A page that is told of it counts it, too; else it is left.
  await mailbox.append('Trash', mail({ subject: 'Old three' }));
  if (scripted) await expect(rows(page)).toHaveCount(3);
  if (!(await page.getByRole('button', { name: 'Empty trash…' }).isVisible())) await openFolderMenu(page);
  await page.getByRole('button', { name: 'Empty trash…' }).click();
  await expect(dialog).toContainText(`This deletes ${scripted ? 3 : 2} messages for ever.`);
  await dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(told(page, 'The folder was emptied.')).toBeVisible();
  expect(await mailbox.messages('Trash')).toHaveLength(scripted ? 0 : 1);
});

test('emptying names what the page knew of', async ({ page, mailbox, baseURL }) => {
  const last = await mailbox.append('Trash', mail({ subject: 'Old' }));
  await mailbox.append('Trash', mail({ subject: 'Late' }));
  const response = await page.request.post('/api/empty_folder', {
    form: {
      folder: 'Trash',
      uid_validity: String(await mailbox.uidValidity('Trash')),
      uid_next: String(last + 1),
      back: '/',
    },
    headers: { Origin: baseURL ?? '' },
  });
  expect(response.ok()).toBe(true);
  const left = await mailbox.messages('Trash');
  expect(left.map((message) => header(message.raw, 'Subject'))).toEqual(['Late']);
});

test('all messages of a folder are marked as read', async ({ page, open, mailbox }) => {
  await mailbox.create('Neues');
  await mailbox.appendAll(
    'Neues',
    Array.from({ length: 60 }, (_, i) => mail({ subject: `Number ${i}.`, age: 100 - i })),
  );
  await open(page, listAt('Neues'));
  await expect(folders(page).getByRole('link', { name: /^Neues\s*, 60 unread$/ })).toBeVisible();
  await openFolderMenu(page);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(told(page, 'All marked as read.')).toBeVisible();
  await expect(folders(page).getByRole('link', { name: 'Neues', exact: true })).toBeVisible();
  const flags = (await mailbox.messages('Neues')).map((message) => message.flags);
  expect(flags.every((set) => set.includes('\\Seen'))).toBe(true);
});

test('how full the mailbox is stands below the folders', async ({ page, open, mailbox }) => {
  await mailbox.messages('INBOX');
  await open(page, '/mail/INBOX');
  await expect(page.getByRole('meter', { name: 'Storage used' })).toBeVisible();
  await expect(page.getByText(/of 5\.4 GB$/).first()).toBeVisible();
});

test('a mailbox that is nearly full says so', async ({ page, context, open, signIn }) => {
  await context.clearCookies();
  await signIn(page, { address: 'voll@posthorn.example', password: 'voll-secret' });
  await open(page, '/mail/INBOX');
  await expect(told(page, 'The mailbox is nearly full.')).toBeVisible();
});
