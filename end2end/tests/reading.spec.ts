// Reading a message: its head, its body in a frame of its own, its attachments octet by octet, and other ways to look at
// it.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { body, expect, goBack, messageAt, openMore, row, subject, test } from '../support/fixtures.ts';
import { leaves, mail } from '../support/mail.ts';
import { demo } from '../support/people.ts';

async function downloaded(page: Page, link: Locator): Promise<{ name: string; content: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

test('a plain text shows as it was written, with its links', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 1));
  await expect(subject(page)).toHaveText('Lunch on Friday?');
  await expect(page.getByRole('article')).toContainText('Anna Berger');
  await expect(page.getByRole('article')).toContainText('anna@posthorn.example');
  await expect(page.getByRole('article')).toContainText('to me');
  await expect(body(page)).toContainText('shall we have lunch on Friday?');
  const link = body(page).getByRole('link', { name: 'https://example.org/menu?a=1&b=2' });
  await expect(link).toHaveAttribute('href', 'https://example.org/menu?a=1&b=2');
  await expect(link).toHaveAttribute('rel', /noopener/);
  await expect(body(page).getByRole('link', { name: 'table@restaurant.example' })).toHaveAttribute('href', /^mailto:|\/compose\?to=/);
  await expect(page).toHaveTitle(/Lunch on Friday\? – Posthorn$/);
});

test('quotes show on their levels', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 2));
  await expect(body(page)).toContainText('I come too.');
  await expect(body(page).locator('blockquote').first()).toContainText('Gladly, at noon.');
  await expect(body(page).locator('blockquote blockquote')).toContainText('Lunch on Friday?');
});

test('HTML shows as designed, and nothing is fetched from outside', async ({ page, open, signIn }) => {
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!['localhost', '127.0.0.1', ''].includes(new URL(request.url()).hostname)) outside.push(request.url());
  });
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 3));
  await expect(subject(page)).toHaveText('Our autumn offers');
  await expect(body(page).getByRole('heading', { level: 2, name: 'Our autumn offers' })).toBeVisible();
  await expect(body(page)).toContainText('Tulip bulbs at half price.');
  // That something was left out is said once, in the page; what and why, in the body.
  await expect(page.locator('.remote-bar')).toContainText(/[Ii]mages? from the net (is|are) not loaded/);
  await expect(body(page).locator('summary')).toHaveText('What was blocked and why');
  await expect(body(page)).not.toContainText('were not loaded');
  await expect(body(page).getByRole('link', { name: 'To the offers' })).toHaveAttribute('href', 'https://greenleaf.example/offers?id=7');
  await expect(body(page).locator('img[src^="http"]')).toHaveCount(0);
  expect(outside).toEqual([]);
});

test('a body by itself says what the page around it would say', async ({ page, signIn }) => {
  await signIn(page, demo);
  await page.goto(`${messageAt('INBOX', 3)}/body`);
  await expect(page.locator('summary')).toContainText('Images and other content from the internet were not loaded');
});

test('a mail without remote content has no note about it', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 13));
  await expect(body(page).getByRole('heading', { name: 'This is the HTML' })).toBeVisible();
  await expect(body(page)).not.toContainText('were not loaded');
});

test('a picture inside shows in its place and is no attachment', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 4));
  const picture = body(page).getByRole('img', { name: 'hills' });
  await expect(picture).toBeVisible();
  await expect(picture).toHaveAttribute('src', /^data:image\/png;base64,/);
  await expect(picture).toHaveJSProperty('naturalWidth', 160);
  await expect(page.getByRole('list', { name: 'Attachments' })).toHaveCount(0);
});

test('HTML and text of one mail are both to be had', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 13));
  await expect(body(page).getByRole('listitem')).toHaveText(['one', 'two']);
  await openMore(page);
  await page.getByRole('link', { name: 'Show as plain text' }).click();
  await expect(body(page)).toContainText('This is the plain text.');
  await expect(body(page)).not.toContainText('This is the HTML');
  await openMore(page);
  await page.getByRole('link', { name: 'Show as designed' }).click();
  await expect(body(page)).toContainText('This is the HTML');
});

test('a mail with one kind of body offers no other', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 14));
  await openMore(page);
  await expect(page.getByRole('link', { name: 'Download source' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Show as plain text' })).toHaveCount(0);
});

test('all headers show, and hide again', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 3));
  await openMore(page);
  await page.getByRole('link', { name: 'Show all headers' }).click();
  const headers = page.getByLabel('All headers');
  await expect(headers).toContainText('List-Unsubscribe');
  await expect(headers).toContainText('<https://greenleaf.example/unsubscribe?u=1>');
  await expect(headers).toContainText('Message-ID');
  await openMore(page);
  await page.getByRole('link', { name: 'Hide all headers' }).click();
  await expect(headers).toHaveCount(0);
});

test('who wrote to whom is told in short, and whole on asking', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 11));
  const article = page.getByRole('article');
  await expect(article).toContainText('Answers go to Office <hallo@posthorn.example>');
  const summary = article.locator('summary', { hasText: /^to me, Jonas/ });
  await expect(article.getByText('test2@posthorn.example')).toBeHidden();
  await summary.click();
  await expect(article.getByText('test2@posthorn.example')).toBeVisible();
  await expect(article.getByText('Jonas Weiß <jonas@posthorn.example>')).toBeVisible();
});

test('a mail of another charset, without a subject, or of few words is whole', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 6));
  await expect(body(page)).toContainText('Die Maße: Höhe 2 m, Größe übrigens auch.');
  await open(page, messageAt('INBOX', 12));
  await expect(subject(page)).toHaveText('日本語の件名です');
  await expect(body(page)).toContainText('これはテストです。');
  await open(page, messageAt('INBOX', 7));
  await expect(subject(page)).toHaveText('(no subject)');
  await expect(body(page)).toContainText('This mail has no subject.');
});

test('attachments are named, and come down octet by octet', async ({ page, open, signIn, imap }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 5));
  const box = await imap(demo);
  const source = (await box.messages('INBOX')).find((message) => message.uid === 5);
  const files = leaves(source?.raw ?? Buffer.from('')).slice(1);
  const links = page.getByRole('list', { name: 'Attachments' }).getByRole('link');
  await expect(links).toHaveText([
    /invoice\.pdf/,
    /archive\.zip/,
    /Grüße aus Köln\.txt/,
    /Übersicht März\.csv/,
    /Ein sehr langer Dateiname mit Umlauten äöü, der nach RFC 2231 in Stücken kommt\.txt/,
    /dot\.jpg/,
    /anna\.vcf/,
  ]);
  expect(files).toHaveLength(7);
  for (const [index, file] of files.entries()) {
    const { name, content } = await downloaded(page, links.nth(index));
    expect(content.equals(file.content), name).toBe(true);
    await expect(links.nth(index)).toContainText(name);
  }
  await expect(subject(page)).toHaveText('Documents of many kinds');
});

test('an attached mail comes down whole', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 10));
  const { name, content } = await downloaded(page, page.getByRole('link', { name: /original\.eml/ }));
  expect(name).toBe('original.eml');
  expect(content.toString()).toContain('Subject: The original');
  expect(content.toString()).toContain('I am the original.');
});

test('a large attachment comes down octet by octet', async ({ page, open, signIn, mailbox, people }) => {
  const content = Buffer.from(Array.from({ length: 1_500_000 }, (_, i) => (i * i) % 251));
  const uid = await mailbox.append('INBOX', mail({ files: [{ name: 'Zahlen & mehr.bin', type: 'application/octet-stream', content }] }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const file = await downloaded(page, page.getByRole('link', { name: /Zahlen & mehr\.bin.*1\.5 MB/ }));
  expect(file.name).toBe('Zahlen & mehr.bin');
  expect(file.content.equals(content)).toBe(true);
});

test('the source comes down as the server has it', async ({ page, open, signIn, imap }) => {
  await signIn(page, demo);
  await open(page, messageAt('INBOX', 6));
  await openMore(page);
  const { name, content } = await downloaded(page, page.getByRole('link', { name: 'Download source' }));
  const source = (await (await imap(demo)).messages('INBOX')).find((message) => message.uid === 6);
  expect(name).toBe('message-6.eml');
  expect(content.equals(source?.raw ?? Buffer.from(''))).toBe(true);
});

test('a draft says that it is one and leads to the composer', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/Drafts/1');
  await expect(page.getByText('This message has not been sent yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Continue writing' }).click();
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('A draft to go on with');
});

test('going from message to message shows each, and back again', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  await row(page, 'Newest message').click();
  await expect(body(page)).toContainText('The newest one.');
  await row(page, 'From without a name').click();
  await expect(subject(page)).toHaveText('From without a name');
  await expect(body(page)).toContainText('No display name.');
  await goBack(page);
  await expect(subject(page)).toHaveText('Newest message');
  await expect(body(page)).toContainText('The newest one.');
  await goBack(page);
  await expect(page.getByText('Choose a message to read it here.')).toBeVisible();
  await page.goForward();
  await expect(subject(page)).toHaveText('Newest message');
});

test('a message that is opened again after going back is there again', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/INBOX');
  for (let time = 0; time < 3; time += 1) {
    await row(page, 'Newest message').click();
    await expect(subject(page)).toHaveText('Newest message');
    // The history of the page takes the frame along.
    await expect(body(page)).toContainText('The newest one.');
    await goBack(page);
    await expect(page.getByText('Choose a message to read it here.')).toBeVisible();
  }
  await page.goForward();
  await expect(body(page)).toContainText('The newest one.');
});

test('a mail that another site links to is not marked as read by it', async ({ page, signIn, mailbox, people, baseURL }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Do not mark me' }));
  await signIn(page, people.me);
  const response = await page.request.get(`${baseURL}${messageAt('INBOX', uid)}`, {
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' },
  });
  expect(response.status()).toBe(200);
  expect(await mailbox.flags('INBOX', uid)).not.toContain('\\Seen');
});
