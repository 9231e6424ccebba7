// How the browser tests run: each spec twice, once with JavaScript and once without, against a server that is there
// already (POSTHORN_BASE_URL) and the mail stand behind it. `make test` prepares both.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

const baseURL = process.env.POSTHORN_BASE_URL;
if (!baseURL) throw new Error('POSTHORN_BASE_URL is not set: "make test" starts a server and a mail stand for these tests');

// The distribution's Chromium: what people have, and nothing has to be downloaded.
function chromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of folders) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error('no Chromium in the PATH (Debian: apt-get install chromium)');
}

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker has users of its own (support/people.ts); the stand has eight, which is enough for two.
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  // By its full path: a configuration that builds on this one stands in another folder.
  reporter: [['list'], [fileURLToPath(new URL('support/failures.ts', import.meta.url))]],
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: {
    baseURL,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1440, height: 900 },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Chromium puts the sandboxed frame of a mail's body into a process of its own, where Playwright now and then
        // loses sight of it when the frame loads another document.
        '--disable-features=IsolateSandboxedIframes,HttpsUpgrades,MediaRouter,PaintHolding,Translate',
      ],
    },
  },
  projects: [
    { name: 'script', use: { javaScriptEnabled: true } },
    { name: 'no-script', use: { javaScriptEnabled: false } },
  ],
});
