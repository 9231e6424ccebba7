// Makes the pictures: each page in each size, colour scheme and language, as end2end/shots/PAGE-WIDTH-SCHEME-LANGUAGE.png.
// Called by scripts/screenshot with the server's address and the path of Chromium.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { chromium } = createRequire(join(root, 'end2end/package.json'))('@playwright/test');

const [base, executablePath] = process.argv.slice(2);
const SHOTS = join(root, 'end2end/shots');
const KEPT = join(root, 'docs/screenshots');
const SIZES = [[390, 844], [820, 1180], [1440, 900]];
const SCHEMES = ['light', 'dark'];
const LANGUAGES = ['en', 'de'];
// What the README shows.
const SHOWN = {
  'mailbox-light.png': 'message-1440-light-en.png',
  'mailbox-dark.png': 'message-1440-dark-de.png',
  'phone-light.png': 'list-390-light-en.png',
};
// The message that is opened, by a piece of its subject.
const SUBJECT = 'Kitchen window';

/** The page at `path`, taken over by the browser's half, with all that it shows. */
async function visit(page, path) {
  await page.goto(base + path);
  await page.locator('html[data-hydrated]').waitFor();
  // The page goes on listening for what happens, so the network never rests.
  await page.waitForFunction(() => !document.querySelector('.bone, .finding progress'));
  await page.waitForTimeout(300);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

async function signIn(page) {
  await visit(page, '/login');
  await page.locator('#address').fill('demo@posthorn.example');
  await page.locator('#password').fill('posthorn-demo');
  await page.locator('main form button.primary').click();
  await page.waitForURL('**/mail/INBOX');
}

/** The paths of the pages, by name. The message is opened once, so that it is read in all pictures. */
async function paths(page) {
  const row = page.locator('ol.messages a', { hasText: SUBJECT }).first();
  const message = await row.getAttribute('href');
  await visit(page, message);
  const [, folder, uid, validity] = /^\/mail\/([^/]+)\/(\d+)\?v=(\d+)/.exec(message);
  return {
    list: '/mail/INBOX',
    message,
    composer: `/compose?reply=${uid}&folder=${folder}&v=${validity}`,
    search: '/mail/INBOX?q=fenster',
    folders: '/settings/folders',
  };
}

async function shoot(page, name, scheme, language) {
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(SHOTS, `${name}-${width}-${scheme}-${language}.png`), animations: 'disabled' });
  }
}

mkdirSync(SHOTS, { recursive: true });
mkdirSync(KEPT, { recursive: true });
const browser = await chromium.launch({ executablePath });
let pages;
for (const language of LANGUAGES) {
  for (const scheme of SCHEMES) {
    const context = await browser.newContext({
      colorScheme: scheme,
      locale: language === 'de' ? 'de-DE' : 'en-GB',
      timezoneId: 'Europe/Berlin',
      viewport: { width: 1440, height: 900 },
    });
    const page = await context.newPage();
    await visit(page, '/login');
    await shoot(page, 'login', scheme, language);
    await signIn(page);
    pages ??= await paths(page);
    for (const [name, path] of Object.entries(pages)) {
      await visit(page, path);
      await shoot(page, name, scheme, language);
    }
    await context.close();
  }
}
await browser.close();
for (const [kept, shot] of Object.entries(SHOWN)) copyFileSync(join(SHOTS, shot), join(KEPT, kept));
console.log(`✓ pictures in end2end/shots, and in docs/screenshots: ${Object.keys(SHOWN).join(', ')}`);
