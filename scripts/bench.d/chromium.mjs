// A page in Chromium, driven by its debugging protocol alone and from the outer page only. Playwright, which the tests have,
// attaches a debugger and two contexts for scripts of its own to every frame: that came to a third of the time until a body
// was there, and no reader has it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PATIENCE = 30_000;

/** A page 1440 pixels wide; nothing where Chromium is not installed. */
export async function openPage() {
  const executable = PATHS.find(existsSync);
  if (!executable) return undefined;
  const profile = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = ['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--lang=en-GB', `--user-data-dir=${profile}`];
  const child = spawn(executable, [...flags, ...QUIET, ...sandbox, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const page = new Page(child.stdio[3], child.stdio[4], async () => {
    child.kill();
    await ended;
    await remove(profile);
  });
  await page.attach();
  return page;
}

/** Removes a profile. Processes of Chromium that outlive it may still write into it. */
async function remove(profile) {
  for (let left = 20; ; left -= 1) {
    try {
      rmSync(profile, { recursive: true, force: true });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(250);
    }
  }
}

class Page {
  #commands;
  #last = 0;
  #waiting = new Map();
  #session;
  #end;

  constructor(commands, answers, end) {
    this.#commands = commands;
    this.#end = end;
    let left = '';
    answers.setEncoding('utf8').on('data', (piece) => {
      const messages = (left + piece).split('\0');
      left = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message));
    });
  }

  async attach() {
    const { targetInfos } = await this.#send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    this.#session = (await this.#send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    this.version = (await this.#send('Browser.getVersion')).product.split('/')[1];
    await this.#send('Emulation.setDeviceMetricsOverride', { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false });
  }

  /** Goes to an address, and waits until the page can be used. */
  async goto(url) {
    await this.#send('Page.navigate', { url });
    await this.waitFor((address) => location.href.startsWith(address) && document.documentElement.dataset.hydrated === 'true', url);
  }

  /** What a function of the page answers, or its promise. */
  async evaluate(run, argument) {
    const expression = `(${run})(${JSON.stringify(argument)})`;
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until a function of the page says yes. */
  async waitFor(run, argument) {
    const until = Date.now() + PATIENCE;
    // While one page makes room for the next there is nothing to ask.
    while (!(await this.evaluate(run, argument).catch(() => false))) {
      if (Date.now() > until) throw new Error(`in vain: ${run}`);
      await sleep(50);
    }
  }

  close() {
    return this.#end();
  }

  #send(method, params = {}) {
    this.#last += 1;
    const id = this.#last;
    const sessionId = /^(Target|Browser)\./.test(method) ? undefined : this.#session;
    this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}
