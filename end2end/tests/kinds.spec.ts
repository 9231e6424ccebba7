// Mails of kinds that are rarer than text and HTML, each as it comes and in a real browser: sound and film, documents,
// signed and encrypted ones, those that flow, those that run from right to left, digests, mails in mails, empty ones, and
// ones to very many people.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { body, expect, messageAt, row, rows, subject, test } from '../support/fixtures.ts';
import { mail, newId } from '../support/mail.ts';
import { pdf, wav, webm } from '../support/media.ts';

/** A mail as its lines say, below the usual fields. */
function raw(lines: string[], fields: string[] = []): Buffer {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const from = 'From: Anna Berger <anna@posthorn.example>';
  const head = [from, 'To: someone@posthorn.example', `Date: ${date}`, `Message-ID: <${newId()}>`, 'MIME-Version: 1.0'];
  const given = fields.map((field) => field.split(':')[0]);
  return Buffer.from([...head.filter((line) => !given.includes(line.split(':')[0])), ...fields, ...lines, ''].join('\r\n'));
}

const files = (page: Page): Locator => page.getByRole('list', { name: 'Attachments', exact: true });

test('sound and film play in place', async ({ page, open, signIn, mailbox, people, scripted }) => {
  const uid = await mailbox.append(
    'INBOX',
    mail({
      subject: 'To hear and to see',
      files: [
        { name: 'tone.wav', type: 'audio/x-wav', content: wav() },
        { name: 'colours.webm', type: 'video/webm', content: webm() },
      ],
    }),
  );
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const players = page.getByRole('list', { name: 'Sound and film' });
  await expect(players.getByRole('listitem')).toHaveCount(2);
  for (const [player, name] of [
    [players.locator('audio'), 'tone.wav'],
    [players.locator('video'), 'colours.webm'],
  ] as const) {
    await expect(player).toHaveAccessibleName(name);
    await expect(player).toHaveJSProperty('readyState', 0);
    // As a person does who has the keyboard only; the browser's own controls need no JavaScript.
    await player.focus();
    await page.keyboard.press('Space');
    await expect.poll(() => player.evaluate((media: HTMLMediaElement) => media.currentTime), `${name} plays`).toBeGreaterThan(0);
    await expect(player).toHaveJSProperty('error', null);
  }
  await expect(players.locator('video')).toHaveJSProperty('videoWidth', 32);
  await expect.poll(() => players.locator('audio').evaluate((media: HTMLMediaElement) => Math.round(media.duration * 10))).toBe(10);
  // The keys of the player are not those of the mailbox.
  await expect(page).toHaveURL(new RegExp(`/INBOX/${uid}`));
  if (scripted) await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('what calls itself a sound and is none runs nothing', async ({ page, open, signIn, mailbox, people, expectErrors }) => {
  expectErrors(/404 GET .*\/preview\/2/, /Failed to load resource/);
  const content = Buffer.from('<!doctype html><script>parent.pwned = 1</script>');
  const uid = await mailbox.append('INBOX', mail({ files: [{ name: 'song.mp3', type: 'audio/mpeg', content }] }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const player = page.getByRole('list', { name: 'Sound and film' }).locator('audio');
  await player.focus();
  await page.keyboard.press('Space');
  await expect.poll(() => player.evaluate((media: HTMLMediaElement) => media.error !== null || media.networkState === 3)).toBe(true);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('a PDF is a file to be stored, and nothing pretends to show it', async ({ page, open, signIn, mailbox, people }) => {
  const content = pdf();
  const uid = await mailbox.append('INBOX', mail({ files: [{ name: 'Rechnung 4711.pdf', type: 'application/pdf', content }] }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(files(page).getByRole('link')).toHaveText([/Rechnung 4711\.pdf\s+PDF/]);
  await expect(page.getByRole('list', { name: 'Previews' })).toHaveCount(0);
  const [download] = await Promise.all([page.waitForEvent('download'), files(page).getByRole('link').click()]);
  expect(download.suggestedFilename()).toBe('Rechnung 4711.pdf');
  expect((await readFile(await download.path())).equals(content)).toBe(true);
  // Nor would an address that was guessed: at most its octets as text, escaped.
  const answer = await page.request.get(`${messageAt('INBOX', uid)}/preview/2`);
  expect(answer.headers()['content-type']).toMatch(/^text\/(html|plain); charset=utf-8$/);
  expect(answer.headers()['content-security-policy']).toMatch(/^sandbox;/);
});

test('a signed mail is shown, and says that nobody has checked it', async ({ page, open, signIn, mailbox, people }) => {
  const uid = await mailbox.append(
    'INBOX',
    raw(
      [
        '',
        '--=_s',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'What is signed.',
        '--=_s',
        'Content-Type: application/pgp-signature; name="signature.asc"',
        '',
        '-----BEGIN PGP SIGNATURE-----',
        'AAAA',
        '-----END PGP SIGNATURE-----',
        '--=_s--',
      ],
      ['Subject: Signed', 'Content-Type: multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="=_s"'],
    ),
  );
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(page.getByText('This message is signed. Posthorn has not checked the signature.')).toBeVisible();
  await expect(body(page)).toContainText('What is signed.');
  await expect(files(page).getByRole('link')).toHaveText([/signature\.asc/]);
});

for (const [what, type, said] of [
  ['S/MIME, signed', 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', 'its text is inside the signature'],
  ['S/MIME, encrypted', 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', 'This message is encrypted.'],
  ['S/MIME of old programs', 'application/x-pkcs7-mime; name="smime.p7m"', 'This message is encrypted.'],
] as const) {
  test(`a mail that only another program can open says so (${what})`, async ({ page, open, signIn, mailbox, people }) => {
    const octets = Buffer.from('MIAGCSqGSIb3DQEHA6CAMIACAQA=', 'base64');
    const lines = ['Content-Transfer-Encoding: base64', '', octets.toString('base64')];
    const uid = await mailbox.append('INBOX', raw(lines, ['Subject: Sealed', `Content-Type: ${type}`]));
    await signIn(page, people.me);
    await open(page, messageAt('INBOX', uid));
    await expect(page.getByText(said)).toBeVisible();
    await expect(files(page).getByRole('link')).toHaveText([/smime\.p7m/]);
    // It has a text; it just cannot be read here.
    await expect(body(page)).not.toContainText('has no text');
    await expect(body(page)).toContainText('cannot be shown here');
    const [download] = await Promise.all([page.waitForEvent('download'), files(page).getByRole('link').click()]);
    expect((await readFile(await download.path())).equals(octets)).toBe(true);
  });
}

test('a mail that is encrypted with PGP says so', async ({ page, open, signIn, mailbox, people }) => {
  const lines = [
    '',
    '--=_e',
    'Content-Type: application/pgp-encrypted',
    '',
    'Version: 1',
    '--=_e',
    'Content-Type: application/octet-stream; name="encrypted.asc"',
    '',
    '-----BEGIN PGP MESSAGE-----',
    'AAAA',
    '-----END PGP MESSAGE-----',
    '--=_e--',
  ];
  const type = 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=_e"';
  const uid = await mailbox.append('INBOX', raw(lines, ['Subject: Encrypted', type]));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(page.getByText('This message is encrypted.')).toBeVisible();
  await expect(body(page)).not.toContainText('has no text');
  await expect(files(page).getByRole('link', { name: /encrypted\.asc/ })).toBeVisible();
});

test('lines that flow are joined, and quotes keep their levels', async ({ page, open, signIn, mailbox, people }) => {
  const text = ['A paragraph that was ', 'broken on the way ', 'and is one again.', '', '>> Two levels ', '>> that flow.', '> One level.', ' From a line that was stuffed.', '-- ', 'Anna'];
  const lines = ['', ...text];
  const uid = await mailbox.append('INBOX', raw(lines, ['Subject: Flowed', 'Content-Type: text/plain; charset=utf-8; format=flowed']));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page)).toContainText('A paragraph that was broken on the way and is one again.', { useInnerText: true });
  const text_ = await body(page).innerText();
  expect(text_).toContain('A paragraph that was broken on the way and is one again.\n');
  expect(text_).toContain('\nFrom a line that was stuffed.');
  await expect(body(page).locator('blockquote blockquote')).toHaveText('Two levels that flow.');
  await expect(body(page).locator('blockquote').first()).toContainText('One level.');
  // The mark of the signature is not joined with it.
  expect(text_).toMatch(/\n-- ?\nAnna/);
});

for (const locale of ['en-GB', 'de-DE']) {
  test.describe(`from right to left, on a page in ${locale}`, () => {
    test.use({ locale });

    const subject_ = 'פגישה ביום שלישי (17:30)!';
    const name = 'אחמד: تقرير';
    const hebrew = 'שלום, הפגישה נדחתה ל-18:00.';

    test('subject, people, files and text keep to their own direction', async ({ page, open, signIn, mailbox, people }) => {
      const uid = await mailbox.append(
        'INBOX',
        mail({
          from: `=?utf-8?B?${Buffer.from(name).toString('base64')}?= <ahmed@posthorn.example>`,
          to: `=?utf-8?B?${Buffer.from('נועה').toString('base64')}?= <noa@posthorn.example>, ${people.me.address}, =?utf-8?B?${Buffer.from('سامي').toString('base64')}?= <sami@posthorn.example>`,
          subject: subject_,
          text: `${hebrew}\n\nAnd a paragraph in English.\n`,
          files: [{ name: 'דוח 2026.pdf', type: 'application/pdf', content: pdf() }],
        }),
      );
      await signIn(page, people.me);
      await open(page, messageAt('INBOX', uid));
      const direction = (what: Locator) => what.evaluate((element) => getComputedStyle(element).direction);
      const isolated = (what: Locator) => what.evaluate((element) => /isolate|plaintext/.test(getComputedStyle(element).unicodeBidi));
      const list = page.locator('.list-pane a.row');
      for (const part of ['.row-who bdi', '.row-text']) {
        expect(await direction(list.locator(part)), part).toBe('rtl');
        expect(await isolated(list.locator(part)), part).toBe(true);
      }
      // The page's own words run as the page does, and the columns of the list stay where they are.
      expect(await direction(page.locator('.row-top'))).toBe('ltr');
      const edges = await list.evaluate((element) => {
        const left = (selector: string) => {
          const range = document.createRange();
          range.selectNodeContents(element.querySelector(selector) as Element);
          return Math.min(...[...range.getClientRects()].filter((box) => box.width > 2).map((box) => box.left));
        };
        return { who: left('.row-who bdi'), text: left('.row-text'), row: element.getBoundingClientRect().left };
      });
      expect(Math.abs(edges.who - edges.text), 'who and what begin below one another').toBeLessThan(24);
      expect(await direction(subject(page))).toBe('rtl');
      expect(await direction(page.locator('.author strong'))).toBe('rtl');
      // The address after the name is not drawn into it.
      expect(await direction(page.locator('.author'))).toBe('ltr');
      await expect(page.locator('.author')).toHaveText(/ahmed@posthorn\.example/);
      expect(await direction(page.locator('.attachment-name'))).toBe('rtl');
      // Each of several names by itself: they stand in the order in which they were written.
      const summary = page.locator('.recipients > summary');
      const places = await summary.evaluate((element) => {
        const node = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
        return ['נועה', 'سامي'].map((name) => {
          const range = document.createRange();
          const start = node.data.indexOf(name);
          range.setStart(node, start);
          range.setEnd(node, start + name.length);
          return range.getBoundingClientRect().left;
        });
      });
      expect(places[0]).toBeLessThan(places[1] ?? 0);
      await summary.click();
      await expect(page.locator('.recipients dd').filter({ hasText: 'sami@posthorn.example' })).toContainText('noa@posthorn.example');

      const frame = page.frameLocator('iframe.message-body');
      await expect(frame.locator('body')).toContainText(hebrew);
      // The Hebrew paragraph begins at the right, the English one at the left.
      const text = frame.locator('.text .plain');
      const [first, second] = await text.evaluate((element) => {
        const node = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
        const box = element.getBoundingClientRect();
        return ['שלום', 'And a'].map((words) => {
          const range = document.createRange();
          const start = node.data.indexOf(words);
          range.setStart(node, start);
          range.setEnd(node, start + words.length);
          const there = range.getBoundingClientRect();
          return { left: there.left - box.left, right: box.right - there.right };
        });
      });
      expect(first?.right).toBeLessThan(4);
      expect(second?.left).toBeLessThan(4);
    });
  });
}

test('the mails of a digest are read in place', async ({ page, open, signIn, mailbox, people }) => {
  const inner = (n: number) => ['--=_d', '', `From: Writer ${n} <w${n}@posthorn.example>`, `Subject: Contribution ${n}`, '', `Text of ${n}.`];
  const lines = ['', ...inner(1), ...inner(2), '--=_d--'];
  const uid = await mailbox.append('INBOX', raw(lines, ['Subject: Digest 7', 'Content-Type: multipart/digest; boundary="=_d"']));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const list = page.getByRole('list', { name: 'Attached messages' });
  await expect(list.locator('summary')).toHaveText([/Contribution 1\s+Writer 1/, /Contribution 2\s+Writer 2/]);
  await list.getByText('Contribution 2').click();
  await expect(page.frameLocator('iframe[title*="Contribution 2"]').locator('body')).toContainText('Text of 2.');
  await expect(list.getByText('w2@posthorn.example')).toBeVisible();
  // The first one stays folded, and nothing of it was fetched.
  await expect(page.locator('iframe[title*="Contribution 1"]')).toBeHidden();
});

test('a mail in a mail is read in place, with its own files', async ({ page, open, signIn, mailbox, people }) => {
  const lines = [
    '',
    '--=_o',
    'Content-Type: text/plain',
    '',
    'The outer text.',
    '--=_o',
    'Content-Type: message/rfc822',
    '',
    'From: Inner <inner@posthorn.example>',
    'To: Outer <outer@posthorn.example>',
    'Subject: Inside',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="=_i"',
    '',
    '--=_i',
    'Content-Type: text/html',
    '',
    '<h2>Inner</h2><img src="https://evil.example/x.png">',
    '--=_i',
    'Content-Type: text/csv',
    'Content-Disposition: attachment; filename=inner.csv',
    '',
    'a,b',
    '--=_i--',
    '--=_o--',
  ];
  const uid = await mailbox.append('INBOX', raw(lines, ['Subject: Outside', 'Content-Type: multipart/mixed; boundary="=_o"']));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(body(page)).toContainText('The outer text.');
  const item = page.getByRole('list', { name: 'Attached messages' }).getByRole('listitem').first();
  await item.locator('summary').first().click();
  const inner = page.frameLocator('iframe[title*="Inside"]');
  await expect(inner.getByRole('heading', { name: 'Inner' })).toBeVisible();
  // Here it is the only place that says so.
  await expect(inner.locator('body')).toContainText('were not loaded');
  const link = item.getByRole('link', { name: /inner\.csv/ });
  const [download] = await Promise.all([page.waitForEvent('download'), link.first().click()]);
  expect((await readFile(await download.path())).toString()).toContain('a,b');
});

test('an empty mail says that it is empty', async ({ page, open, signIn, mailbox, people }) => {
  const uid = await mailbox.append('INBOX', Buffer.from('Date: Mon, 02 Nov 2026 10:00:00 +0100\r\n\r\n'));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  await expect(subject(page)).toHaveText('(no subject)');
  await expect(page.getByRole('article')).toContainText('(no sender)');
  await expect(body(page)).toHaveText('This message has no text.');
  await expect(files(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, '(no subject)')).toBeVisible();
});

test('fifty recipients are few words, and all of them on asking', async ({ page, open, signIn, mailbox, people }) => {
  const others = Array.from({ length: 49 }, (_, i) => `Person Number ${i + 1} <p${i + 1}@posthorn.example>`);
  const to = [people.me.address, ...others].join(',\r\n ');
  const uid = await mailbox.append('INBOX', mail({ subject: 'To all', to }));
  await signIn(page, people.me);
  await open(page, messageAt('INBOX', uid));
  const summary = page.locator('.recipients > summary');
  await expect(summary).toHaveText('to me, Person Number 1, Person Number 2, Person Number 3, Person Number 4, 45 more');
  const last = page.getByText('Person Number 49 <p49@posthorn.example>');
  await expect(last).toBeHidden();
  await summary.click();
  await expect(last).toBeVisible();
  // The text is still there to be read, below or by scrolling within the message.
  await expect(page.locator('iframe.message-body')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});
