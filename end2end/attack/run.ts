// Opens mails that attack, does in them what people do, and tells what came of it. Two lines of defence are looked at by
// themselves: the message page as it is, and the body's document alone with its policy taken away, so that it is the
// sanitiser that has to hold.
import { type APIRequestContext, type BrowserContext, type Frame, type Page, type Request } from '@playwright/test';
import { messageAt, signInBy } from '../support/fixtures.ts';
import type { Imap } from '../support/imap.ts';
import type { Person } from '../support/people.ts';
import { lookInside, lookOutside } from './look.ts';
import { type Vector, mailOf } from './vector.ts';

/** What a page of Posthorn may ask of Posthorn. */
const EXPECTED = /^\/(mail\/|mail-frame$|pkg\/|api\/|events|compose|login|favicon\.svg$|icons\.svg$|manifest\.webmanifest$|$)/;
/** What the body may ask for, where the person has let images in. */
const REMOTE = /^\/remote\//;

/** And for the pictures that are parts of the mail. */
const PLACED = /^\/placed\/[\w-]+$/;

export interface Options {
  baseURL: string;
  /** Ask for the images on the net, too. */
  images: boolean;
}

/** Everything that the browser tells of while one vector is open. */
class Watch {
  findings: string[] = [];
  private popups: Page[] = [];
  /** The one page that is ours: a request of another may be told before that page is. */
  private readonly own: Page | undefined;

  constructor(
    private readonly context: BrowserContext,
    private readonly options: Options,
    /** Whether the body is looked at without its policy. */
    private readonly bare: boolean,
  ) {
    this.own = context.pages()[0];
    context.on('dialog', (dialog) => {
      this.found(`dialog: ${dialog.message()}`);
      void dialog.dismiss().catch(() => undefined);
    });
    context.on('weberror', (error) => this.found(`script error: ${error.error().message}`));
    context.on('console', (message) => {
      const text = message.text();
      // Without a sandbox header a script might run; with one, a refusal says that the sanitiser let something through.
      if (/^Launched external handler for 'mailto:/.test(text)) return;
      if (/posthorn-attack|Refused to|Blocked script|violates|Content Security Policy|sandboxed/i.test(text)) this.found(`console: ${text}`);
    });
    context.on('request', (request) => this.request(request));
    context.on('page', (page) => {
      this.popups.push(page);
    });
    context.on('download', (download) => this.found(`download: ${download.url()}`));
  }

  private found(what: string): void {
    this.findings.push(what.slice(0, 300));
  }

  private request(request: Request): void {
    let page: Page | undefined;
    let frame: Frame | undefined;
    try {
      frame = request.frame();
      page = frame.page();
    } catch {
      // A page that is just being opened, or one that asks without a frame.
    }
    const url = new URL(request.url());
    const own = url.origin === new URL(this.options.baseURL).origin;
    if (request.isNavigationRequest() && page !== this.own) {
      // A link was followed, into a window of its own: that is what links are for.
      if (!/^(https?|mailto):$/.test(url.protocol)) this.found(`a window for ${request.url()}`);
      return;
    }
    if (page !== undefined && page !== this.own) return;
    if (url.protocol === 'data:') {
      if (!/^data:image\/(png|jpeg|gif|webp);base64,/.test(request.url())) this.found(`data: ${request.url().slice(0, 100)}`);
      return;
    }
    const inside = this.bare || (frame !== undefined && frame.parentFrame() !== null);
    if (own && inside && PLACED.test(url.pathname)) return;
    if (!own) this.found(`request: ${request.method()} ${request.url()}`);
    else if (frame !== undefined && frame.parentFrame() !== null && !request.isNavigationRequest() && !(this.options.images && REMOTE.test(url.pathname))) {
      this.found(`request of the body: ${url.pathname}`);
    } else if (this.bare && !/\/body$/.test(url.pathname)) this.found(`request of the bare body: ${url.pathname}`);
    else if (!EXPECTED.test(url.pathname) && !REMOTE.test(url.pathname)) this.found(`unexpected request: ${url.pathname}`);
  }

  /** What was found since the last time; windows that were opened are closed. */
  async take(): Promise<string[]> {
    for (const popup of this.popups.splice(0)) {
      if (!/^(https?:|mailto:|about:blank|chrome-error:|$)/.test(popup.url())) this.found(`a window at ${popup.url()}`);
      await popup.close().catch(() => undefined);
    }
    return this.findings.splice(0);
  }
}

/** Stores the vectors; with the place of each. */
export async function store(imap: Imap, list: Vector[]): Promise<[Vector, string][]> {
  const places: [Vector, string][] = [];
  for (const vector of list) {
    const folder = vector.folder ?? 'INBOX';
    if (vector.folder) await imap.create(folder);
    const uid = await imap.append(folder, mailOf(vector));
    places.push([vector, messageAt(folder, uid)]);
  }
  return places;
}

export interface Contexts {
  shown: BrowserContext;
  bare: BrowserContext;
}

/** The word in the page by which the person says that a message's images be shown, as a query. */
async function consent(request: APIRequestContext, at: string): Promise<string> {
  const page = await (await request.get(at)).text();
  const word = /name="images" value="([^"]+)"/.exec(page)?.[1];
  return word === undefined ? '' : `?images=${word}`;
}

/** Opens all of them; what was found, with the vector's id in front. */
export async function attack(contexts: Contexts, options: Options, person: Person, places: [Vector, string][]): Promise<string[]> {
  const findings: string[] = [];
  for (const context of [contexts.shown, contexts.bare]) await signInBy(context.request, options.baseURL, person);
  // Every page that comes after these two is one that a mail has opened.
  const page = await contexts.shown.newPage();
  const alone = await contexts.bare.newPage();
  const shown = new Watch(contexts.shown, options, false);
  const bare = new Watch(contexts.bare, options, true);
  await alone.route(
    (url) => url.pathname.endsWith('/body'),
    async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      delete headers['content-security-policy'];
      await route.fulfill({ response, headers });
    },
  );
  let hydrated = false;
  for (const [vector, path] of places) {
    const at = `${options.baseURL}${path}`;
    const query = options.images ? await consent(contexts.shown.request, at) : '';
    const said = (list: string[]) => findings.push(...new Set(list.map((what) => `${vector.id}: ${what}`)));
    try {
      // What says something in its header is loaded as a page, by the server and then by the browser's half.
      const follow = hydrated && !vector.fields && !vector.mime && vector.folder === undefined;
      said(await openShown(page, `${at}${query}`, follow));
      hydrated = (await page.locator('html').getAttribute('data-hydrated')) === 'true';
      said(await shown.take());
      said(await files(contexts.shown.request, page, options));
      said(await openBare(alone, `${at}/body${query}`));
      said(await bare.take());
      if (['name', 'field', 'text'].includes(vector.category)) {
        for (const how of ['reply-all', 'forward']) {
          const uid = path.split('/').at(-1) ?? '';
          hydrated = false;
          await page.goto(`${options.baseURL}/compose?${how}=${uid}&folder=INBOX`, { waitUntil: 'load' });
          said((await lookOutside(page)).map((what) => `${how}: ${what}`));
          said(await shown.take());
        }
      }
    } catch (error) {
      said([`could not be opened: ${String(error).slice(0, 300)}`]);
    }
  }
  // The lists that show their subjects, names and beginnings.
  for (const path of new Set(places.map(([, at]) => at.replace(/\/\d+$/, '')))) {
    await page.goto(`${options.baseURL}${path}`, { waitUntil: 'load' });
    findings.push(...[...(await lookOutside(page)), ...(await shown.take())].map((what) => `list ${path}: ${what}`));
  }
  await page.close();
  await alone.close();
  return findings;
}

/** Whether the browser's word reaches us: what is told of these pieces of HTML where nothing holds them back. */
export async function seen(context: BrowserContext, options: Options, pieces: string[]): Promise<string[][]> {
  const page = await context.newPage();
  const watch = new Watch(context, options, true);
  let piece = '';
  await page.route(
    (url) => url.pathname === '/unheld/body',
    (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: `<!doctype html><body>${piece}` }),
  );
  const told: string[][] = [];
  for (piece of pieces) {
    const open = () => openBare(page, `${options.baseURL}/unheld/body`);
    // Where the piece before led may still be on its way.
    const found = await open().catch(open).catch((error: unknown) => [String(error)]);
    told.push([...found, ...(await watch.take())].filter((what) => !what.startsWith('in the head')));
  }
  await page.close();
  return told;
}

/** The message page, with a hand on the mouse and the keyboard. */
async function openShown(page: Page, address: string, follow: boolean): Promise<string[]> {
  const findings: string[] = [];
  // Which of the characters of a folder's name are percent-encoded is everybody's own choice.
  const path = (url: string) => decodeURIComponent(new URL(url, address).pathname);
  const wanted = `${path(address)}/body`;
  const frameAt = () => page.frames().find((known) => known.parentFrame() === page.mainFrame() && path(known.url()) === wanted);
  if (follow) {
    // By a link within the page, which costs a tenth of loading it anew.
    await page.evaluate((href) => {
      const link = document.createElement('a');
      link.href = href;
      document.body.append(link);
      link.click();
      link.remove();
    }, address);
    for (let wait = 0; wait < 200 && frameAt() === undefined; wait += 1) await page.waitForTimeout(15);
  } else {
    const response = await page.goto(address, { waitUntil: 'load' });
    if (response?.status() !== 200) findings.push(`status ${response?.status()}`);
  }
  const frame = frameAt();
  if (frame === undefined) return [...findings, 'there is no body'];
  await frame.waitForLoadState('load').catch(() => undefined);
  await handle(page, await page.locator('iframe').first().boundingBox());
  if (page.url() !== address) findings.push(`the page went to ${page.url()}`);
  findings.push(...(await lookInside(frame)), ...(await lookOutside(page)));
  return findings;
}

/** The body's document alone, where a browser would run and load whatever is in it. */
async function openBare(page: Page, address: string): Promise<string[]> {
  await page.goto(address, { waitUntil: 'load' });
  await handle(page, { x: 0, y: 0, width: 800, height: 600 });
  const findings = page.url() === address ? [] : [`the bare body went to ${page.url()}`];
  return [...findings, ...(await lookInside(page.mainFrame()))];
}

/** Moves over the body, clicks at several places, and walks through it by keyboard. */
async function handle(page: Page, box: { x: number; y: number; width: number; height: number } | null): Promise<void> {
  if (box === null) return;
  const height = Math.min(box.height, 860 - box.y);
  const points = [0.04, 0.12, 0.2, 0.3, 0.45, 0.7].map((part) => ({ x: box.x + 40 + part * 60, y: box.y + 10 + part * height }));
  for (const { x, y } of points) await page.mouse.move(x, y);
  for (const { x, y } of points.slice(0, 4)) await page.mouse.click(x, y);
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('Tab');
  await page.mouse.wheel(0, 200);
}

/** Every file comes as one to be stored, whatever it is. */
async function files(request: APIRequestContext, page: Page, options: Options): Promise<string[]> {
  const findings: string[] = [];
  const links = await page.locator('a[href*="/attachment/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  for (const link of links.slice(0, 6)) {
    const answer = await request.get(new URL(link, options.baseURL).href);
    const headers = answer.headers();
    const stored =
      (headers['content-disposition'] ?? '').startsWith('attachment;') &&
      headers['content-type'] === 'application/octet-stream' &&
      (headers['content-security-policy'] ?? '').startsWith('sandbox') &&
      headers['x-content-type-options'] === 'nosniff';
    if (!stored || answer.status() !== 200) findings.push(`the file ${link}: ${answer.status()} ${JSON.stringify(headers)}`);
  }
  return findings;
}
