// What keeps a hostile mail, a hostile page and a hostile network from more than they may have: the headers of every
// answer, the cookies, and what happens to markup wherever a mail can put it.
import { alerted, body, expect, folders, messageAt, openMore, row, subject, test, toolLink } from '../support/fixtures.ts';
import { box } from '../support/composer.ts';
import { mail } from '../support/mail.ts';
import { demo, leer } from '../support/people.ts';

const EVIL = '</title></textarea><script>window.pwned=1</script><img src=x onerror="window.pwned=2">';

test('every page has a policy under which no foreign script runs', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/404/);
  const policies: string[] = [];
  page.on('response', (response) => {
    if (response.request().isNavigationRequest() && response.request().frame() === page.mainFrame() && response.status() !== 303) {
      policies.push(response.headers()['content-security-policy'] ?? '');
    }
  });
  await open(page, '/login');
  await signIn(page, demo);
  for (const address of ['/mail/INBOX', '/mail/INBOX/13', '/compose', '/settings/appearance', '/mail/Nowhere', '/nowhere']) await open(page, address);
  expect(policies).toHaveLength(7);
  for (const policy of policies) {
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(scripts).toMatch(/^'nonce-[\w+/=-]{16,}' 'strict-dynamic' 'wasm-unsafe-eval'$/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
  }
  expect(new Set(policies.map((policy) => /nonce-([^']+)/.exec(policy)?.[1])).size, 'each nonce is used once').toBe(7);
});

test('private answers are not stored, and none is sniffed', async ({ page, signIn }) => {
  await signIn(page, demo);
  for (const path of ['/', '/mail/INBOX', '/mail/INBOX/1', '/mail/INBOX/1/body', '/mail/INBOX/1/source', '/mail/INBOX/5/attachment/2', '/compose', '/settings/appearance']) {
    const headers = (await page.request.get(path, { maxRedirects: 0 })).headers();
    expect(headers['cache-control'], path).toBe('no-store');
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['referrer-policy'], path).toBe('no-referrer');
    expect(headers['content-security-policy'], path).toBeTruthy();
  }
  const login = await page.request.get('/login', { maxRedirects: 0 });
  expect(login.headers()['cache-control']).toBe('no-store');
});

test('the session cookie is out of reach for scripts and other sites', async ({ page, open, signIn }) => {
  await signIn(page, leer);
  await open(page, '/mail/INBOX');
  const cookie = (await page.context().cookies()).find((known) => /posthorn$/.test(known.name));
  expect(cookie).toMatchObject({ httpOnly: true, path: '/' });
  expect(['Lax', 'Strict']).toContain(cookie?.sameSite);
  expect(await page.evaluate(() => document.cookie)).not.toContain(cookie?.value ?? '?');
});

test('over TLS the cookie is bound to this host', async ({ page, serverWith }) => {
  const server = await serverWith({ POSTHORN_PUBLIC_URL: 'https://mail.posthorn.example' });
  const response = await page.request.post(`${server.url}/api/sign_in`, {
    form: { address: leer.address, password: leer.password, next: '' },
    headers: { Origin: server.url, Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()['set-cookie']).toMatch(/__Host-posthorn=[\w-]{43}; Path=\/;.*HttpOnly/);
  expect(response.headers()['set-cookie']).toMatch(/; Secure/);
});

test('another site can change nothing', async ({ page, signIn, mailbox, people, baseURL }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Stay' }));
  const validity = String(await mailbox.uidValidity('INBOX'));
  await signIn(page, people.me);
  const own = baseURL ?? '';
  const forms: [string, Record<string, string>][] = [
    ['/api/change', { folder: 'INBOX', uid_validity: validity, uid: String(uid), change: 'delete', target: '', back: '/' }],
    ['/api/sign_out', {}],
    ['/api/sign_in', { address: 'mallory@evil.example', password: 'x', next: '' }],
    ['/api/set_language', { language: 'de', back: '/' }],
    ['/api/folders', {}],
  ];
  for (const [path, form] of forms) {
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: own, 'Sec-Fetch-Site': 'cross-site' },
      { Origin: own, 'Sec-Fetch-Site': 'same-site' },
      {},
    ]) {
      const response = await page.request.post(path, { form, headers: headers as Record<string, string>, maxRedirects: 0 });
      expect(response.status(), `${path} ${JSON.stringify(headers)}`).toBe(403);
    }
  }
  for (const intent of ['send', 'save', 'discard']) {
    const response = await page.request.post(`/api/submit/${intent}`, { multipart: { to: people.peer.address, text: 'x' }, headers: { Origin: 'https://evil.example' }, maxRedirects: 0 });
    expect(response.status(), intent).toBe(403);
  }
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
  expect(await mailbox.messages('Drafts')).toHaveLength(0);
  expect(await mailbox.messages('Sent')).toHaveLength(0);
});

test('a form on another site does not get through in a real browser', async ({ page, open, signIn, mailbox, people, baseURL, expectErrors, scripted }) => {
  expectErrors(/403/);
  const uid = await mailbox.append('INBOX', mail({ subject: 'Stay' }));
  const validity = await mailbox.uidValidity('INBOX');
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  const fields = { folder: 'INBOX', uid_validity: validity, uid, change: 'delete', back: '/' };
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  await page.route('http://evil.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<form method="post" action="${baseURL}/api/change">${inputs.join('')}<button>Win a prize</button></form>` }),
  );
  await page.goto('http://evil.example/');
  const answer = page.waitForResponse((response) => response.url().endsWith('/api/change'));
  await page.getByRole('button', { name: 'Win a prize' }).click();
  expect((await answer).status(), scripted ? 'with JavaScript' : 'without').toBe(403);
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
});

test('nothing changes by being fetched', async ({ page, signIn, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', mail({ subject: 'Stay' }));
  const validity = await mailbox.uidValidity('INBOX');
  await signIn(page, people.me);
  const query = new URLSearchParams({ folder: 'INBOX', uid_validity: String(validity), uid: String(uid), change: 'delete', target: '', back: '/' });
  for (const path of [`/api/change?${query}`, '/api/sign_out', '/api/submit/send', '/api/set_language?language=de&back=/']) {
    const response = await page.request.get(path, { maxRedirects: 0 });
    expect(response.ok(), path).toBe(false);
  }
  expect(await mailbox.messages('INBOX')).toHaveLength(1);
  expect((await page.request.get('/mail/INBOX', { maxRedirects: 0 })).status()).toBe(200);
});

test('markup in subject, names, folder and text stays text everywhere', async ({ page, open, settled, signIn, mailbox, people }) => {
  const folder = '<script>window.pwned=3< & "b">';
  await mailbox.create(folder);
  const uid = await mailbox.append(
    folder,
    mail({ from: `"${EVIL.replaceAll('"', '\\"')}" <${people.peer.address}>`, to: people.me.address, subject: EVIL, text: `${EVIL}\n` , files: [{ name: '<img src=x onerror=window.pwned=4>.txt', type: 'text/plain', content: Buffer.from('x') }] }),
  );
  await signIn(page, people.me);
  const clean = async (where: string) => {
    expect(await page.evaluate(() => 'pwned' in window), where).toBe(false);
    await expect(page.locator('img'), where).toHaveCount(0);
    await expect(page.locator('body script:not([nonce])').filter({ hasText: 'pwned' }), where).toHaveCount(0);
  };
  await open(page, `/mail/${encodeURIComponent(folder)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(folder);
  await expect(folders(page)).toContainText(folder);
  await expect(row(page, EVIL)).toBeVisible();
  await clean('list');
  await open(page, `${messageAt(folder, uid)}?headers=all`);
  await expect(subject(page)).toHaveText(EVIL);
  expect(await page.title()).toContain(EVIL);
  await expect(body(page)).toContainText(EVIL);
  await expect(page.frameLocator('iframe[title="Message body"]').locator('script, img')).toHaveCount(0);
  await clean('message');
  for (const how of ['Reply', 'Forward']) {
    await open(page, messageAt(folder, uid));
    await toolLink(page, how).click();
    await settled(page);
    await expect(box(page, 'Message')).toHaveValue(/<\/textarea><script>window\.pwned=1<\/script>/);
    await expect(box(page, 'Subject')).toHaveValue(`${how === 'Reply' ? 'Re' : 'Fwd'}: ${EVIL}`);
    await clean(how);
  }
});

test('markup in an address of the application stays text', async ({ page, open, signIn, expectErrors }) => {
  expectErrors(/404/);
  await signIn(page, leer);
  await open(page, `/mail/${encodeURIComponent(EVIL)}`);
  await expect(alerted(page, 'There is no such folder.')).toBeVisible();
  await expect(page.locator('img')).toHaveCount(0);
  await open(page, `/compose?subject=${encodeURIComponent(EVIL)}&body=${encodeURIComponent(EVIL)}&to=${encodeURIComponent(EVIL)}`);
  await expect(box(page, 'Subject')).toHaveValue(EVIL);
  await expect(box(page, 'Message')).toHaveValue(EVIL);
  await page.context().clearCookies();
  await open(page, `/login?next=${encodeURIComponent(`/"><script>window.pwned=1</script>`)}`);
  await expect(page.locator('img')).toHaveCount(0);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('the body is a document without scripts, origin, forms or a way out', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('Odd', 21));
  const frame = page.locator('iframe[title="Message body"]');
  const sandbox = (await frame.getAttribute('sandbox')) ?? 'none at all';
  expect(sandbox).not.toMatch(/allow-scripts|allow-same-origin|allow-forms|allow-top-navigation|none at all/);
  const response = await page.request.get((await frame.getAttribute('src')) ?? '');
  const policy = response.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/^sandbox(?!.*allow-scripts)(?!.*allow-same-origin)/);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("img-src data:");
  expect(policy).not.toMatch(/https?:|script-src/);
  const text = await response.text();
  expect(text).not.toMatch(/<script|<iframe|<form|<object|<embed|onerror|onload|javascript:|evil\.example\/(track|body|2x)/i);
  // Links leave without saying where from, and never into the application's own window.
  for (const link of await body(page).locator('a[href^="http"]').all()) {
    await expect(link).toHaveAttribute('rel', /noopener/);
  }
});

test('the body opened by itself is as closed as in its frame', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, '/mail/Odd/23/body');
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(await page.evaluate(() => self.origin)).toBe('null');
});

test('an attachment is stored and never shown, whatever it is', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('Odd', 40));
  const links = page.getByRole('list', { name: 'Attachments' }).getByRole('link');
  await expect(links).toHaveCount(2);
  for (const link of await links.all()) {
    const { headers, status } = await page.request.get((await link.getAttribute('href')) ?? '').then((response) => ({ headers: response.headers(), status: response.status() }));
    expect(status).toBe(200);
    expect(headers['content-disposition']).toMatch(/^attachment;/);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-security-policy']).toMatch(/^sandbox;/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('one person’s messages are not to be had by another', async ({ page, signIn, people }) => {
  await signIn(page, people.third);
  for (const path of ['/mail/Many/1', '/mail/Many/1/source', '/mail/Odd/40/attachment/2']) {
    expect((await page.request.get(path)).status(), path).toBe(404);
  }
});

test('the source of a message may show no more than a download', async ({ page, open, signIn }) => {
  await signIn(page, demo);
  await open(page, messageAt('Odd', 17));
  await openMore(page);
  const href = await page.getByRole('link', { name: 'Download source' }).getAttribute('href');
  const headers = (await page.request.get(href ?? '')).headers();
  expect(headers['content-disposition']).toMatch(/^attachment;/);
  expect(headers['content-security-policy']).toMatch(/^sandbox/);
});
