// What every test gets: a page that fails the test on any error the browser reports, signing in without the form, the
// worker's own people with empty mailboxes, and the same steps for a browser with JavaScript and one without.
import { type APIRequestContext, type BrowserContext, type Locator, type Page, test as base, expect } from '@playwright/test';
import { Imap } from './imap.ts';
import { type Cast, type Person, cast } from './people.ts';
import { type Server, startServer } from './server.ts';

export { expect };

interface Fixtures {
  /** Whether this project's browser runs JavaScript. */
  scripted: boolean;
  /** Declares errors that belong to the test: parts of "404 GET /path", or of a console message. */
  expectErrors: (...patterns: RegExp[]) => void;
  watched: undefined;
  /** The worker's people. */
  people: Cast;
  /** Connections to mailboxes, closed after the test. */
  imap: (person: Person) => Promise<Imap>;
  /** My mailbox, emptied. */
  mailbox: Imap;
  /** The peer's mailbox, emptied. */
  peerBox: Imap;
  /** Signs in without the form; `page` may be of another context. */
  signIn: (page: Page, person: Person, server?: Server) => Promise<void>;
  /** Opens an address and waits until the page can be used; answers with the HTTP status. */
  open: (page: Page, address: string) => Promise<number>;
  /** Waits until the page at hand can be used, after it was loaded anew. */
  settled: (page: Page) => Promise<void>;
  /** A server of the test's own, with other settings. */
  serverWith: (settings: Record<string, string>) => Promise<Server>;
}

export const test = base.extend<Fixtures>({
  scripted: [
    async ({}, use, info) => {
      await use(info.project.name === 'script');
    },
    { scope: 'test' },
  ],

  expectErrors: async ({}, use, info) => {
    await use((...patterns) => {
      for (const pattern of patterns) info.annotations.push({ type: EXPECTED, description: pattern.source });
    });
  },

  watched: [
    async ({ context, scripted }, use, info) => {
      const problems = watch(context, scripted);
      await use(undefined);
      const expected = info.annotations
        .filter((note) => note.type === EXPECTED)
        .map((note) => new RegExp(note.description ?? ''));
      const left = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
      expect(left, 'errors that the browser reports').toEqual([]);
    },
    { auto: true },
  ],

  people: async ({}, use, info) => {
    await use(cast(info.parallelIndex));
  },

  imap: async ({}, use) => {
    const open: Imap[] = [];
    await use(async (person) => {
      const imap = await Imap.open(person);
      open.push(imap);
      return imap;
    });
    for (const imap of open) imap.close();
  },

  mailbox: async ({ imap, people }, use) => {
    const box = await imap(people.me);
    await box.reset();
    await use(box);
  },

  peerBox: async ({ imap, people }, use) => {
    const box = await imap(people.peer);
    await box.reset();
    await use(box);
  },

  signIn: async ({ baseURL }, use) => {
    const sessions: Array<{ context: BrowserContext; url: string; cookie: string }> = [];
    await use(async (page, person, server) => {
      const context = page.context();
      const url = server?.url ?? baseURL ?? '';
      sessions.push({ context, url, cookie: await signInBy(context.request, url, person) });
    });
    // A session watches the mailbox for a while after its last page. Dovecot's counts get wrong where one connection
    // fills a folder in the same second in which another counts it: the next test's would.
    for (const { context, url, cookie } of sessions) {
      // A page that is still open would ask for its events.
      for (const page of context.pages()) await page.close();
      await signOutBy(url, cookie);
    }
  },

  open: async ({ settled }, use) => {
    await use(async (page, address) => {
      const response = await page.goto(address);
      await settled(page);
      return response?.status() ?? 0;
    });
  },

  settled: async ({ scripted }, use) => {
    await use(async (page) => {
      await page.waitForLoadState('load');
      if (!scripted || (await page.locator('script[type=module]').count()) === 0) return;
      await expect(page.locator('html'), 'the page is hydrated').toHaveAttribute('data-hydrated', 'true', {
        timeout: 10_000,
      });
    });
  },

  serverWith: async ({ context }, use) => {
    const servers: Server[] = [];
    await use(async (settings) => {
      const server = await startServer(settings);
      servers.push(server);
      return server;
    });
    // A page that is still open would ask a server that ends for its events.
    for (const page of context.pages()) await page.close();
    for (const server of servers) await server.stop();
  },
});

const EXPECTED = 'expected error';

/**
 * What the driver's own listeners bring about. A locator's box, property or handle puts them among the scripts of the
 * document, and that of a mail may run none: the next event of the pointer there, which the browser makes up when a page
 * is laid out below it, is refused. That no mail even tries to run something is for end2end/attack to show, which looks at
 * bodies without such listeners and takes the same words for a finding.
 */
const DRIVERS = /^Blocked script execution in '[^']+\/(body|print|preview\/[\d.]+)(\?[^']*)?' because the document's frame is sandboxed/;

/** Collects what the browser complains about, in all pages of the context. */
export function watch(context: BrowserContext, scripted = true): string[] {
  const problems: string[] = [];
  context.on('console', (message) => {
    if (message.type() !== 'error' || DRIVERS.test(message.text())) return;
    problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => problems.push(`script: ${error.error().message}`));
  context.on('response', (response) => {
    if (response.status() >= 400) {
      const { pathname, search } = new URL(response.url());
      problems.push(`${response.status()} ${response.request().method()} ${pathname}${search}`);
    }
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A page that is left aborts what it was loading, and a download leaves the page. A browser without JavaScript
    // refuses to fetch what it would not run.
    const harmless = reason === 'net::ERR_ABORTED' || (!scripted && /\/pkg\/[^/]+\.js$/.test(request.url()));
    if (!harmless) problems.push(`failed: ${request.method()} ${request.url()} ${reason}`);
  });
  return problems;
}

/** The sign-in form's request, made without a page; the session's cookie. */
export async function signInBy(request: APIRequestContext, url: string, person: Person): Promise<string> {
  const response = await request.post(`${url}/api/sign_in`, {
    form: { address: person.address, password: person.password, next: '' },
    headers: { Origin: url, Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.status(), `${person.address} is signed in`).toBe(303);
  const [cookie] = /(__Host-)?posthorn=[\w-]{43}/.exec(response.headers()['set-cookie'] ?? '') ?? [];
  expect(cookie, `${person.address} is signed in`).toBeDefined();
  return cookie ?? '';
}

/** The request of the sign-out button, made without a page. */
async function signOutBy(url: string, cookie: string): Promise<void> {
  const headers = { Origin: url, Accept: 'text/html', Cookie: cookie };
  // The test may have stopped its server.
  await fetch(`${url}/api/sign_out`, { method: 'POST', headers, redirect: 'manual' }).catch(() => undefined);
}

// --- the page's parts, by the names people know -------------------------------------------------------------------

/** The list of messages. */
export const list = (page: Page): Locator => page.getByRole('list', { name: 'Messages' });

/** The rows of the list. */
export const rows = (page: Page): Locator => list(page).getByRole('link');

/** The row with this subject. */
export const row = (page: Page, subject: string | RegExp): Locator => rows(page).filter({ hasText: subject });

/** The folders. */
export const folders = (page: Page): Locator => page.getByRole('navigation', { name: 'Folders' });

/** What the frame with the body shows. */
export const body = (page: Page): Locator => page.frameLocator('iframe[title="Message body"]').locator('body');

/** The message's subject. */
export const subject = (page: Page): Locator => page.getByRole('heading', { level: 1 });

/** A button of the toolbar above a message. */
export const tool = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Actions' }).getByRole('button', { name, exact: true });

/** A link of the toolbar above a message. */
export const toolLink = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Actions' }).getByRole('link', { name, exact: true });

/** Opens the menu with the rarer actions. */
export async function openMore(page: Page): Promise<void> {
  await page.getByRole('group', { name: 'Actions' }).locator('summary', { hasText: 'More' }).click();
}

/** The address of a folder's list. */
export const listAt = (folder: string): string => `/mail/${encodeURIComponent(folder)}`;

/** The address of a message. */
export const messageAt = (folder: string, uid: number): string => `${listAt(folder)}/${uid}`;

/**
 * Looks until what was made in `box` is listed, with what is in `filled`. Dovecot may not list or count in one connection
 * what was made in another, and if both look at the same moment, not before something is made or changed again.
 */
export async function listed(box: Imap, look: () => Promise<void>, filled: string[] = []): Promise<void> {
  let tries = 0;
  await expect(async () => {
    if (tries++ > 0) {
      await box.create(`Elsewhere ${tries}`);
      for (const folder of filled) {
        await box.setFlags(folder, '1:*', ['\\Flagged']);
        await box.setFlags(folder, '1:*', ['\\Flagged'], false);
      }
    }
    await look();
  }).toPass();
}

/** Goes back from a message that was opened in the list, by the browser's own button. */
export async function goBack(page: Page): Promise<void> {
  // A message is shown before its address is in the history: who goes back between the two leaves the list, too.
  const address = await list(page).locator('a[aria-current=true]').getAttribute('href');
  await page.waitForURL((url) => url.pathname + url.search === address);
  await page.goBack();
}

/** Opens the command palette by its key; answers with its input. */
export async function openPalette(page: Page): Promise<Locator> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('combobox', { name: 'Commands' });
  await expect(palette).toBeFocused();
  return palette;
}

/** What the page says was done. */
export const told = (page: Page, text: string | RegExp): Locator => page.getByRole('status').filter({ hasText: text });

/** What the page says went wrong. */
export const alerted = (page: Page, text: string | RegExp): Locator => page.getByRole('alert').filter({ hasText: text });
