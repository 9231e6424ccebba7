// Mails for the tests: written here, so that a test says in one place what it puts into a mailbox, and read here, as far
// as a test wants to know what was sent. Not a MIME library: it reads what Posthorn writes.

export interface File {
  name: string;
  type: string;
  content: Buffer;
}

export interface Letter {
  from?: string;
  to?: string;
  cc?: string;
  replyTo?: string;
  subject?: string;
  text?: string;
  html?: string;
  id?: string;
  references?: string;
  files?: File[];
  /** Minutes before now. */
  age?: number;
}

let count = 0;

/** A Message-ID that no other mail has. */
export function newId(): string {
  count += 1;
  return `${process.pid}.${Date.now()}.${count}@tests.example`;
}

/** The mail as octets, with CRLF. */
export function mail(letter: Letter): Buffer {
  const { from = 'Anna Berger <anna@posthorn.example>', to = 'someone@posthorn.example', age = 0 } = letter;
  const date = new Date(Date.now() - age * 60_000).toUTCString().replace('GMT', '+0000');
  const head = [
    `From: ${from}`,
    `To: ${to}`,
    ...(letter.cc ? [`Cc: ${letter.cc}`] : []),
    ...(letter.replyTo ? [`Reply-To: ${letter.replyTo}`] : []),
    `Subject: ${word(letter.subject ?? 'A letter')}`,
    `Date: ${date}`,
    `Message-ID: <${letter.id ?? newId()}>`,
    ...(letter.references ? [`References: ${letter.references}`] : []),
    'MIME-Version: 1.0',
  ];
  const leaf = (type: string, text: string) => [
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...base64(Buffer.from(text)),
  ];
  const { text = 'Hello.\n', html, files = [] } = letter;
  let body = leaf('text/plain', text);
  if (html !== undefined) {
    body = letter.text === undefined ? leaf('text/html', html) : parts('alternative', [body, leaf('text/html', html)]);
  }
  if (files.length > 0) {
    body = parts('mixed', [
      body,
      ...files.map((file) => [
        `Content-Type: ${file.type}`,
        `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(file.name)}`,
        'Content-Transfer-Encoding: base64',
        '',
        ...base64(file.content),
      ]),
    ]);
  }
  return Buffer.from([...head, ...body, ''].join('\r\n'));
}

function parts(kind: string, inner: string[][]): string[] {
  count += 1;
  const boundary = `=_${kind}_${count}`;
  return [
    `Content-Type: multipart/${kind}; boundary="${boundary}"`,
    '',
    ...inner.flatMap((part) => [`--${boundary}`, ...part]),
    `--${boundary}--`,
  ];
}

function base64(octets: Buffer): string[] {
  return octets.toString('base64').match(/.{1,76}/g) ?? [''];
}

function word(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  // Pieces of few characters, so that no encoded word grows too long.
  const pieces = [...text].reduce<string[]>((list, character, i) => {
    if (i % 12 === 0) list.push('');
    list[list.length - 1] += character;
    return list;
  }, []);
  return pieces.map((piece) => `=?utf-8?B?${Buffer.from(piece).toString('base64')}?=`).join('\r\n ');
}

/** A header field's value, unfolded and its encoded words decoded; empty where there is none. */
export function header(raw: Buffer, name: string): string {
  const text = raw.toString().split('\r\n\r\n')[0] ?? '';
  const lines = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const line = lines.find((known) => known.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line
    .slice(name.length + 1)
    .trim()
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, coded: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(coded, 'base64').toString() : unquote(coded.replaceAll('_', ' ')),
    );
}

function unquote(text: string): string {
  const octets: number[] = [];
  for (const piece of text.replace(/=\r?\n/g, '').match(/=[0-9A-F]{2}|[^]/gi) ?? []) {
    if (/^=[0-9A-F]{2}$/i.test(piece)) octets.push(parseInt(piece.slice(1), 16));
    else octets.push(...Buffer.from(piece));
  }
  return Buffer.from(octets).toString();
}

export interface Part {
  type: string;
  name: string;
  flowed: boolean;
  content: Buffer;
}

/** The leaves of a mail, decoded, in their order. */
export function leaves(raw: Buffer): Part[] {
  const text = raw.toString('latin1');
  const cut = text.indexOf('\r\n\r\n');
  const own = Buffer.from(text, 'latin1');
  const type = header(own, 'Content-Type') || 'text/plain';
  const body = text.slice(cut + 4);
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined && /^multipart\//i.test(type)) {
    const inner = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1);
    return inner.flatMap((part) => leaves(Buffer.from(part.replace(/^[ \t]*\r\n/, ''), 'latin1')));
  }
  const encoding = header(own, 'Content-Transfer-Encoding').toLowerCase();
  const content =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(unquote(body))
        : Buffer.from(body, 'latin1');
  const disposition = header(own, 'Content-Disposition');
  const flowed = /format=flowed/i.test(type);
  return [{ type: type.split(';')[0]?.trim().toLowerCase() ?? '', name: fileName(disposition), flowed, content }];
}

/** In one piece, or in many (RFC 2231, sections 3 and 4). */
function fileName(disposition: string): string {
  const pieces = [...disposition.matchAll(/filename(?:\*\d+)?(\*?)=("(?:[^"\\]|\\.)*"|[^;\s]+)/gi)].map(([, coded, value = '']) =>
    coded === '*' ? value.replace(/^utf-8''/i, '') : encodeURIComponent(value.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1')),
  );
  return decodeURIComponent(pieces.join(''));
}

/** The text of a mail that has one, without what format=flowed puts before a line (RFC 3676, section 4.4). */
export function textOf(raw: Buffer): string {
  const part = leaves(raw).find((leaf) => leaf.type === 'text/plain' && leaf.name === '');
  const text = (part?.content.toString() ?? '').replaceAll('\r\n', '\n');
  return part?.flowed ? text.replace(/^ /gm, '') : text;
}
