// The folders and the list of messages: names of any kind, counts, pages, and what is said where there is nothing, or
// nothing any more.
import {
  alerted,
  expect,
  folders,
  goBack,
  list,
  listAt,
  listed,
  messageAt,
  row,
  rows,
  subject,
  test,
} from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';
import { demo, leer } from '../support/people.ts';

const NAMES = ['Projekte/Neubau Süd', 'Say "hi"', 'back\\slash', '日本', 'R&D', 'Feier 🎉', 'a/b/c/d/e/f', 'Punkt. im. Namen', '100% <b>fett<b>'];

test('folders of any name are listed by their last level and open', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  for (const name of NAMES) {
    const label = name.split('/').at(-1) ?? '';
    await folders(page).getByRole('link', { name: new RegExp(`^${escaped(label)}(\\s*,|$)`) }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(label);
    expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/mail/${name}`);
    await expect(rows(page)).toHaveCount(1);
    await expect(row(page, `In the folder ${name}`)).toBeVisible();
    await expect(page.locator('b')).toHaveCount(0);
  }
});

test('folders of any name open by their address', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  for (const name of NAMES) {
    expect(await open(page, listAt(name)), name).toBe(200);
    await expect(row(page, `In the folder ${name}`)).toBeVisible();
    await row(page, `In the folder ${name}`).click();
    await expect(subject(page)).toHaveText(`In the folder ${name}`);
    expect(await open(page, page.url()), name).toBe(200);
    await expect(subject(page)).toHaveText(`In the folder ${name}`);
  }
});

test('the usual folders come first, in an order of their own', async ({ page, open, signIn }) => {
  await signIn(page, leer);
  await open(page, '/mail/INBOX');
  await expect(folders(page).getByRole('listitem')).toHaveText([/^Inbox/, /^Drafts/, /^Sent/, /^Archive/, /^Spam/, /^Trash/]);
  await expect(folders(page).getByRole('link', { name: 'Inbox' })).toHaveAttribute('aria-current', 'page');
});

test('counts stand beside the folders and in the title', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'Seen before' }), ['\\Seen']);
  await mailbox.appendAll('INBOX', [mail({ subject: 'New 1' }), mail({ subject: 'New 2' })]);
  await mailbox.create('Ablage');
  await mailbox.append('Ablage', mail({ subject: 'New here' }));
  await mailbox.append('Drafts', mail({ subject: 'To be written' }), ['\\Seen', '\\Draft']);
  await mailbox.append('Trash', mail({ subject: 'Unread trash' }));
  await signIn(page, people.me);
  const counted = async () => {
    await open(page, '/mail/INBOX');
    for (const name of [/^Ablage\s*, 1 unread$/, /^Drafts\s*, 1 draft$/]) {
      await expect(folders(page).getByRole('link', { name })).toBeVisible({ timeout: 500 });
    }
  };
  await listed(mailbox, counted, ['Ablage', 'Drafts']);
  await expect(page).toHaveTitle('(2) Inbox – Posthorn');
  await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 2 unread$/ })).toBeVisible();
  await expect(folders(page).getByRole('link', { name: 'Trash', exact: true })).toBeVisible();
  await expect(page.getByText('3 messages')).toBeVisible();
  await expect(row(page, 'New 1')).toHaveAccessibleName(/^Unread, /);
  await expect(row(page, 'Seen before')).not.toHaveAccessibleName(/Unread/);
});

test('opening a message takes it off the counts, here and on the server', async ({ page, open, signIn, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Open me' }));
  await mailbox.append('INBOX', mail({ subject: 'Leave me' }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await row(page, 'Open me').click();
  await expect(subject(page)).toHaveText('Open me');
  await expect(page).toHaveTitle('(1) Open me – Posthorn');
  await expect(folders(page).getByRole('link', { name: /^Inbox\s*, 1 unread$/ })).toBeVisible();
  await expect(row(page, 'Open me')).not.toHaveAccessibleName(/Unread/);
  await expect(row(page, 'Leave me')).toHaveAccessibleName(/Unread/);
  await expect(row(page, 'Open me')).toHaveAttribute('aria-current', 'true');
  await expect.poll(async () => await mailbox.flags('INBOX', uid)).toContain('\\Seen');
});

test('marks tell what was done with a message', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await expect(row(page, /^(?!.*Re:).*Lunch on Friday\?/)).toHaveAccessibleName(/Answered/);
  await expect(row(page, 'Größe, Maße und Gewicht')).toHaveAccessibleName(/Starred/);
  await expect(row(page, 'To many people')).toHaveAccessibleName(/Forwarded/);
  await expect(row(page, 'Documents of many kinds')).toHaveAccessibleName(/Has attachments/);
  await expect(row(page, 'Newest message')).not.toHaveAccessibleName(/Has attachments|Starred|Answered/);
});

test('the list is newest first, and says what has no subject', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await expect(rows(page)).toHaveCount(14);
  await expect(rows(page).first()).toContainText('Newest message');
  await expect(rows(page).first()).toContainText('Jonas Weiß');
  await expect(rows(page).last()).toContainText('Lunch on Friday?');
  await expect(row(page, '(no subject)')).toBeVisible();
  await expect(row(page, '日本語の件名です')).toContainText('山田太郎');
  await expect(row(page, 'From without a name')).toContainText('bare@posthorn.example');
});

test('folders of what one wrote oneself name the recipients', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/Sent');
  await expect(row(page, 'Re: Lunch on Friday?')).toContainText('To: Anna Berger');
  await open(page, '/mail/Drafts');
  await expect(row(page, 'A draft to go on with')).toContainText('To: Anna Berger');
});

test('a long folder comes in pages without JavaScript', async ({ page, open, signIn, scripted }) => {
  test.skip(scripted, 'with JavaScript the folder is one list');
  await signIn(page, demo);
  await open(page, '/mail/Many');
  const pager = page.getByRole('navigation', { name: 'Pages' });
  await expect(page.getByText('120 messages')).toBeVisible();
  await expect(rows(page)).toHaveCount(50);
  await expect(rows(page).first()).toContainText('Message 120');
  await expect(pager).toContainText('Page 1 of 3');
  await expect(pager.getByRole('link', { name: 'Newer' })).toHaveCount(0);
  await pager.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL('/mail/Many?page=2');
  await expect(pager).toContainText('Page 2 of 3');
  await expect(rows(page).first()).toContainText('Message 070');
  await pager.getByRole('link', { name: 'Older' }).click();
  await expect(pager).toContainText('Page 3 of 3');
  await expect(rows(page)).toHaveCount(20);
  await expect(rows(page).last()).toContainText('Message 001');
  await expect(pager.getByRole('link', { name: 'Older' })).toHaveCount(0);
  await pager.getByRole('link', { name: 'Newer' }).click();
  await expect(pager).toContainText('Page 2 of 3');
  // A message opens beside its own page of the list.
  await row(page, 'Message 042').click();
  await expect(subject(page)).toHaveText('Message 042');
  await expect(row(page, 'Message 070')).toBeVisible();
  await goBack(page);
  await expect(pager).toContainText('Page 2 of 3');
});

test('a page beyond the last is the last, and no number is the first', async ({ page, open, signIn, scripted }) => {
  await signIn(page, demo);
  for (const [query, position, first] of [['99', '3 of 3', '001'], ['0', '1 of 3', '120'], ['-1', '1 of 3', '120'], ['x', '1 of 3', '120'], ['4294967296', '1 of 3', '120']] as const) {
    expect(await open(page, `/mail/Many?page=${query}`)).toBe(200);
    if (scripted) await expect(row(page, `Message ${first}`), query).toBeVisible();
    else await expect(page.getByText(`Page ${position}`), query).toBeVisible();
  }
});

test('an empty folder says so kindly', async ({ page, open, signIn }) => {
  await signIn(page, leer);
  for (const [folder, text] of [['INBOX', 'All done'], ['Drafts', 'No drafts'], ['Junk', 'No spam'], ['Trash', 'The trash is empty'], ['Sent', 'Nothing here yet']] as const) {
    await open(page, listAt(folder));
    await expect(page.getByText(text)).toBeVisible();
    await expect(page.getByText('0 messages', { exact: true })).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
  }
  await expect(page).toHaveTitle('Sent – Posthorn');
});

test('a folder that is not there is told inside the application', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/404/);
  await signIn(page, leer);
  expect(await open(page, '/mail/Nowhere')).toBe(404);
  await expect(alerted(page, 'There is no such folder.')).toBeVisible();
  await expect(folders(page)).toBeVisible();
  await page.getByRole('link', { name: 'To the inbox' }).click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(page.getByText('All done')).toBeVisible();
});

test('a message that is not there is told inside the application', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/404/);
  await signIn(page, demo);
  for (const uid of ['9999', '0', 'x', '99999999999']) {
    expect(await open(page, `/mail/INBOX/${uid}`), uid).toBe(404);
    await expect(alerted(page, 'There is no such message.')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such message.');
    await expect(folders(page)).toBeVisible();
    await expect(list(page)).toBeVisible();
  }
});

test('an address that leads nowhere says so', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/404/);
  await signIn(page, leer);
  for (const address of ['/nowhere', '/mail', '/mail/INBOX/1/2', '/settings/nothing']) {
    expect(await open(page, address), address).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'Not found' }), address).toBeVisible();
  }
  await page.getByRole('link', { name: 'To the inbox' }).click();
  await expect(page).toHaveURL('/mail/INBOX');
});

test('a renewed folder is told, instead of showing another message', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/410/);
  await signIn(page, demo);
  expect(await open(page, `${messageAt('INBOX', 13)}?v=1`)).toBe(410);
  await expect(alerted(page, 'The mail server has renewed this folder.')).toBeVisible();
  await expect(page.getByText('Text and HTML differ').and(page.getByRole('heading'))).toHaveCount(0);
  await page.getByRole('link', { name: 'Open the folder again' }).click();
  await expect(page).toHaveURL('/mail/INBOX');
  await expect(rows(page)).toHaveCount(14);
});

test('what arrives shows by the button that asks for it', async ({ page, open, signIn, mailbox, people }) => {
  await mailbox.append('INBOX', mail({ subject: 'First' }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await expect(rows(page)).toHaveCount(1);
  await mailbox.append('INBOX', mail({ subject: 'Second' }));
  await page.getByRole('link', { name: 'Check for new messages' }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText('Second');
  await expect(page).toHaveTitle('(2) Inbox – Posthorn');
});

test('a message that another program removed is told when it is opened', async ({ page, open, signIn, mailbox, people, expectErrors, scripted }) => {
  expectErrors(/404/);
  const uid = await mailbox.append('INBOX', mail({ subject: 'Going' }));
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await expect(row(page, 'Going')).toBeVisible();
  await mailbox.expunge('INBOX', uid);
  // With JavaScript the row goes by itself, and an old link is all that is left.
  if (scripted) {
    await expect(row(page, 'Going')).toHaveCount(0);
    await open(page, messageAt('INBOX', uid));
  } else {
    await row(page, 'Going').click();
  }
  await expect(alerted(page, 'There is no such message.')).toBeVisible();
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
