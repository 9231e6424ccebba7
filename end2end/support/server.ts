// A second server for the tests that need other settings: a mail server that is not there, a certificate nobody trusts,
// a small limit. It is the same program as the one under test, from POSTHORN_TEST_SERVER or the release build.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = process.env.POSTHORN_TEST_SERVER ?? `${root}target/release/posthorn`;

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** Starts a server with `settings` over the environment of the tests, and waits until it answers. */
export async function startServer(settings: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const child = spawn(program, [], {
    cwd: root,
    env: { ...process.env, LEPTOS_SITE_ADDR: `127.0.0.1:${port}`, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const url = `http://localhost:${port}`;
  const until = Date.now() + 10_000;
  while (!(await healthy(url))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill();
      throw new Error(`the test's own server did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function healthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
