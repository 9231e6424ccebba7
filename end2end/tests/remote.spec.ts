// Images from the net: none before the reader wants them, then only by way of the server, and never those that only
// count readers.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { body, expect, messageAt, openMore, told, test as base } from '../support/fixtures.ts';
import { type Images, startImages } from '../support/images.ts';
import { mail } from '../support/mail.ts';
import type { Server } from '../support/server.ts';

const test = base.extend<{ images: Images; server: Server; outside: string[] }>({
  images: async ({}, use) => {
    const images = await startImages();
    await use(images);
    await images.stop();
  },
  server: async ({ images, serverWith }, use) => {
    const file = join(tmpdir(), `posthorn-test-${randomUUID()}.sqlite`);
    await use(await serverWith({ POSTHORN_REMOTE_ALLOW: images.address, POSTHORN_DATABASE_URL: `sqlite:${file}` }));
  },
  // What the browser itself asks of anybody else than Posthorn.
  outside: async ({ page, server }, use) => {
    const outside: string[] = [];
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== server.url) outside.push(request.url());
    });
    await use(outside);
  },
});

const newsletter = (images: Images): string => `<html><head><style>
  h1 { color: #123456 } .box { background: #fee url(${images.url}/ground.png?a=1&b=2) no-repeat; padding: 9px }
  @font-face { font-family: x; src: url(${images.url}/font.woff) }
  @import '${images.url}/sheet.css';
</style><link rel="stylesheet" href="${images.url}/linked.css"><script src="${images.url}/run.js"></script></head>
<body><h1>Bulbs</h1><div class="box">Tulips</div>
<img src="${images.url}/tulip.png?a=1&amp;b=2" srcset="${images.url}/tulip2.png 2x" alt="Tulip" width="40" height="30">
<table background="${images.url}/table.png"><tr><td>cell</td></tr></table>
<video src="${images.url}/film.mp4" poster="${images.url}/poster.png"></video>
<img src="${images.url}/pixel.png" width="1" height="1"><img src="${images.url}/hidden.png" style="display:none"></body></html>`;

const paths = (images: Images): string[] => images.asked.map((asked) => asked.path).sort();
const shown = ['/ground.png?a=1&b=2', '/table.png', '/tulip.png?a=1&b=2'];

const bar = (page: Page) => page.locator('.remote-bar');
const show = (page: Page) => page.getByRole('button', { name: 'Show images' });
const picture = (page: Page) => body(page).getByRole('img', { name: 'Tulip' });

test('images are fetched when the reader wants them, by the server alone', async ({
  page, images, server, outside, people, mailbox, signIn, open, scripted,
}) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Bulbs', html: newsletter(images) }));
  await signIn(page, people.me, server);
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await expect(body(page)).toContainText('Tulips');
  await expect(show(page)).toBeVisible();
  if (scripted) await expect(bar(page)).toContainText('2 tracking pixels');
  // The style sheet applies, but for what it loads.
  await expect(body(page).getByRole('heading', { name: 'Bulbs' })).toHaveCSS('color', 'rgb(18, 52, 86)');
  await body(page).locator('summary').click();
  await expect(body(page).locator('details')).toContainText('2 × tracking pixels');
  await expect(body(page).locator('details')).toContainText('1 × scripts');
  expect(images.asked, 'nothing before consent').toEqual([]);

  await show(page).click();
  await expect(picture(page)).toHaveJSProperty('naturalWidth', 40);
  await expect(picture(page)).toHaveAttribute('src', /^\/remote\/[\w-]+$/);
  await expect(show(page)).toHaveCount(0);
  await expect.poll(() => paths(images)).toEqual(shown);
  for (const { headers } of images.asked) {
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  }
  await expect(body(page).locator('details')).toHaveCount(1);
  // What is seen is printed.
  await openMore(page);
  const paper = await page.getByRole('link', { name: 'Print' }).getAttribute('href');
  await page.goto(`${server.url}${paper}`);
  await expect(page.locator('img[src^="/remote/"]').first()).toHaveJSProperty('naturalWidth', 40);
  expect(outside, 'the browser asks nobody').toEqual([]);
});

test('a sender whose images are always wanted, until they are not', async ({
  page, images, server, outside, people, mailbox, signIn, open, settled,
}) => {
  const uid = await mailbox.append('INBOX', mail({ from: 'Shop <Shop@greenleaf.example>', html: newsletter(images) }));
  const other = await mailbox.append('INBOX', mail({ from: 'Else <else@greenleaf.example>', html: newsletter(images) }));
  await signIn(page, people.me, server);
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await page.getByRole('button', { name: 'Always for this sender' }).click();
  await expect(told(page, 'always shown from now on')).toBeVisible();
  await expect(picture(page)).toHaveJSProperty('naturalWidth', 40);
  // The next time without a word; of others not.
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await expect(picture(page)).toHaveJSProperty('naturalWidth', 40);
  await expect(bar(page)).toContainText('Images of shop@greenleaf.example are always shown');
  await open(page, `${server.url}${messageAt('INBOX', other)}`);
  await expect(show(page)).toBeVisible();
  await expect(picture(page)).toHaveCount(0);
  await open(page, `${server.url}/settings/appearance`);
  const senders = page.getByRole('list', { name: 'Images from the net' });
  await expect(senders).toContainText('shop@greenleaf.example');
  await page.getByRole('button', { name: 'No longer show images of shop@greenleaf.example' }).click();
  await settled(page);
  await expect(senders).toHaveCount(0);
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await expect(show(page)).toBeVisible();
  await expect(picture(page)).toHaveCount(0);
  expect(outside).toEqual([]);
});

test('an image that leads inside is not shown, and consent cannot be made up', async ({
  page, images, server, people, mailbox, signIn, open, expectErrors,
}) => {
  // What is answered with words instead of an image never reaches the document.
  expectErrors(/403 GET \/remote\//, /Failed to load resource/, /failed: GET .*\/remote\/.* net::ERR_BLOCKED_BY_ORB/);
  const html = `<p>Hello</p><img src="${images.url}/a.png" alt="good"><img src="http://127.0.0.1:1/x.png" alt="bad">`;
  const uid = await mailbox.append('INBOX', mail({ html }));
  await signIn(page, people.me, server);
  await open(page, `${server.url}${messageAt('INBOX', uid)}?images=show`);
  await expect(body(page)).toContainText('Hello');
  await page.goto(`${server.url}${messageAt('INBOX', uid)}/body?images=show`);
  await expect(page.locator('img')).toHaveCount(0);
  expect(images.asked).toEqual([]);
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await show(page).click();
  await expect(body(page).getByRole('img', { name: 'good' })).toHaveJSProperty('naturalWidth', 40);
  await expect(body(page).getByRole('img', { name: 'bad' })).toHaveJSProperty('naturalWidth', 0);
  // The addresses end with the session. The page is left first, which would ask for its folders in vain.
  const source = (await body(page).getByRole('img', { name: 'good' }).getAttribute('src')) ?? '';
  const request = page.context().request;
  await page.goto('about:blank');
  expect((await request.get(`${server.url}${source}`)).status()).toBe(200);
  await request.post(`${server.url}/api/sign_out`, { headers: { Origin: server.url, Accept: 'text/html' }, maxRedirects: 0 });
  expect((await request.get(`${server.url}${source}`)).status()).toBe(403);
});

test('a mail without images from the net has no bar', async ({ page, server, people, mailbox, signIn, open, scripted }) => {
  const uid = await mailbox.append('INBOX', mail({ html: '<p>Hello</p>' }));
  await signIn(page, people.me, server);
  await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await expect(body(page)).toContainText('Hello');
  // Without JavaScript the page is there before the body is: the second time it is known.
  if (!scripted) await open(page, `${server.url}${messageAt('INBOX', uid)}`);
  await expect(show(page)).toBeHidden();
});
