// How the attack run differs from the browser tests: one project, with JavaScript, and no name but this host's is found.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

const { launchOptions, ...use } = base.use ?? {};

export default defineConfig({
  ...base,
  testDir: '.',
  outputDir: '../test-results/attack',
  fullyParallel: true,
  use: {
    ...use,
    screenshot: 'off',
    javaScriptEnabled: true,
    launchOptions: {
      ...launchOptions,
      args: [...(launchOptions?.args ?? []), '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'],
    },
  },
  projects: [{ name: 'attack' }],
});
