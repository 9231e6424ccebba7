// What a person sees: in Chromium, from the click to the message and from the jump to the rows. And what the browser has to
// load before.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPage } from './chromium.mjs';
import { median, ROUNDS, WARM_UP } from './client.mjs';
import { LARGE } from './people.mjs';

/**
 * Octets of the site's files in Brotli, by kind: what the mailbox loads before it can be used, and as `later` the chunks that
 * it loads when it is idle, or when they are asked for.
 */
export function transferred(site) {
  const used = new Set([...readFileSync(join(site, 'release/hash.txt'), 'utf8').matchAll(/: (\S+)/g)].map((found) => found[1]));
  const octets = { later: 0 };
  for (const name of readdirSync(join(site, 'site/pkg'))) {
    const [, stem, hash, kind] = /^(\w+)\.([\w-]{22})\.(wasm|js|css)\.br$/.exec(name) ?? [];
    if (!used.has(hash)) continue;
    const { size } = statSync(join(site, 'site/pkg', name));
    const what = kind === 'wasm' && stem !== 'posthorn' ? 'later' : kind;
    octets[what] = (octets[what] ?? 0) + size;
  }
  return octets;
}

/** Times in Chromium; nothing where it is not installed. */
export async function inChromium(base) {
  const page = await openPage();
  if (!page) return undefined;
  try {
    await page.goto(`${base}/login`);
    await page.evaluate(({ user, password }) => {
      document.querySelector('#address').value = user;
      document.querySelector('#password').value = password;
      document.querySelector('main form button.primary').click();
    }, LARGE);
    await page.waitFor(() => location.pathname === '/mail/INBOX');
    await page.goto(`${base}/mail/INBOX`);
    await sleep(1500);
    const jumps = { ...(await jump(page)), ...(await scrolled(page)) };
    await page.goto(`${base}/mail/INBOX`);
    await sleep(1500);
    return { ...(await clicks(page)), ...jumps, version: page.version };
  } finally {
    await page.close();
  }
}

/** From the click on a row to the frame in which its subject is the heading, and to its body being loaded. */
async function clicks(page) {
  const times = { heading: [], body: [] };
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const found = await page.evaluate((number) => new Promise((resolve, reject) => {
      const links = [...document.querySelectorAll('ol.messages > .row-item:not([hidden]) a.row')];
      const link = links[number % links.length];
      const subject = link.querySelector('.row-text').textContent.trim();
      const address = new URL(link.href).pathname;
      const start = performance.now();
      const result = {};
      const look = () => {
        const heading = document.querySelector('h1');
        if (result.heading === undefined && heading?.textContent.trim() === subject && location.pathname === address) result.heading = performance.now() - start;
        if (result.heading !== undefined && result.body !== undefined) resolve(result);
        else if (performance.now() - start > 10000) reject(new Error(`"${subject}" does not show`));
        else requestAnimationFrame(look);
      };
      // A frame's load does not bubble, but is captured.
      document.addEventListener('load', function loaded(event) {
        if (!event.target.classList.contains('message-body')) return;
        document.removeEventListener('load', loaded, true);
        requestAnimationFrame(() => {
          result.body = performance.now() - start;
        });
      }, true);
      link.click();
      requestAnimationFrame(look);
    }), round + 3);
    if (round >= WARM_UP) {
      times.heading.push(found.heading);
      times.body.push(found.body);
    }
    await sleep(300);
  }
  return { heading: median(times.heading), body: median(times.body) };
}

/** From a jump of the scroll bar to the frame in which all rows that are seen are there. */
async function jump(page) {
  const times = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const time = await page.evaluate((part) => new Promise((resolve, reject) => {
      const body = document.querySelector('.list-body');
      const start = performance.now();
      body.scrollTop = (body.scrollHeight - body.clientHeight) * part;
      const look = () => {
        const seen = body.getBoundingClientRect();
        const rows = [...document.querySelectorAll('ol.messages > .row-item:not([hidden])')].filter((row) => {
          const box = row.getBoundingClientRect();
          return box.bottom > seen.top && box.top < seen.bottom;
        });
        const boxes = rows.map((row) => row.getBoundingClientRect());
        const covered = boxes.length > 0 && Math.min(...boxes.map((box) => box.top)) <= seen.top + 1 && Math.max(...boxes.map((box) => box.bottom)) >= seen.bottom - 1;
        if (covered && rows.every((row) => row.querySelector('a.row'))) resolve(performance.now() - start);
        else if (performance.now() - start > 10000) reject(new Error('the rows do not come'));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }), 0.5 + (round % 2 === 0 ? 1 : -1) * 0.01 * (round + 1));
    if (round >= WARM_UP) times.push(time);
    await sleep(300);
  }
  return { jump: median(times) };
}

/**
 * Scrolls as a hand on a touchpad does, for some seconds through rows that were not seen before: how many frames a second
 * there were, how many were late, and for how long the same place had no row.
 */
async function scrolled(page) {
  const found = await page.evaluate(() => new Promise((resolve) => {
    const body = document.querySelector('.list-body');
    const SECONDS = 6;
    const SPEED = 2500; // pixels a second
    body.scrollTop = 2000;
    setTimeout(() => {
      const start = performance.now();
      let last = start;
      let blankSince;
      const result = { frames: 0, late: 0, blank: 0 };
      const step = (time) => {
        result.frames += 1;
        if (time - last > 1000 / 60 + 8) result.late += 1;
        last = time;
        const seen = body.getBoundingClientRect();
        const rows = [...document.querySelectorAll('ol.messages > .row-item:not([hidden])')].map((row) => [row, row.getBoundingClientRect()]);
        const shown = rows.filter(([row, box]) => box.bottom > seen.top && box.top < seen.bottom && row.querySelector('a.row'));
        const covered = shown.reduce((sum, [, box]) => sum + Math.min(box.bottom, seen.bottom) - Math.max(box.top, seen.top), 0);
        if (covered < seen.height - 2) blankSince ??= time;
        else blankSince = undefined;
        if (blankSince !== undefined) result.blank = Math.max(result.blank, time - blankSince);
        const past = time - start;
        if (past >= SECONDS * 1000) {
          resolve({ ...result, perSecond: result.frames / (past / 1000) });
          return;
        }
        body.scrollTop = 2000 + (past / 1000) * SPEED;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    }, 1000);
  }));
  return { scroll: found };
}
