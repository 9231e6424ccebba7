// Builds MIME messages for the seeds, in many charsets and encodings and the way that real mail programs write
// them, without any package: the seeds must be right to the byte, and wrong where they mean to be.
import { createHash } from 'node:crypto';

// A generator of numbers that is the same in every run (mulberry32).
export function random(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

// --- charsets: Node only decodes, so tables are turned round ---

const tables = new Map();

const windows1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function singleByteTable(charset) {
  const decoder = new TextDecoder(charset);
  const table = new Map();
  for (let byte = 0; byte < 256; byte += 1) table.set(decoder.decode(Uint8Array.of(byte)), [byte]);
  // Node 20 decodes windows-1252 as if it were ISO-8859-1.
  if (charset === 'windows-1252') [...windows1252].forEach((char, i) => char !== ' ' && table.set(char, [0x80 + i]));
  return table;
}

function eucTable(charset) {
  const decoder = new TextDecoder(charset);
  const table = new Map();
  for (let a = 0xa1; a <= 0xfe; a += 1) {
    for (let b = 0xa1; b <= 0xfe; b += 1) {
      const char = decoder.decode(Uint8Array.of(a, b));
      if (char.length === 1 && char !== '\ufffd' && !table.has(char)) table.set(char, [a, b]);
    }
  }
  return table;
}

function table(charset, make) {
  if (!tables.has(charset)) tables.set(charset, make(charset));
  return tables.get(charset);
}

export function encodeText(text, charset = 'utf-8') {
  const name = charset.toLowerCase();
  if (name === 'utf-8' || name === 'us-ascii') return Buffer.from(text, 'utf8');
  if (name === 'iso-8859-1') return Buffer.from(text, 'latin1');
  if (name === 'utf-16') return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  if (name === 'iso-2022-jp') return encodeIso2022jp(text);
  const multi = ['gb2312', 'euc-jp', 'euc-kr'].includes(name);
  const map = table(name, multi ? eucTable : singleByteTable);
  const bytes = [];
  for (const char of text) {
    if (char.codePointAt(0) < 128) bytes.push(char.codePointAt(0));
    else if (map.has(char)) bytes.push(...map.get(char));
    else throw new Error(`${JSON.stringify(char)} is not in ${charset}`);
  }
  return Buffer.from(bytes);
}

function encodeIso2022jp(text) {
  const map = table('euc-jp', eucTable);
  const bytes = [];
  let wide = false;
  const shift = (want) => {
    if (want !== wide) bytes.push(...(want ? [0x1b, 0x24, 0x42] : [0x1b, 0x28, 0x42]));
    wide = want;
  };
  for (const char of text) {
    const code = char.codePointAt(0);
    if (code < 128) {
      shift(false);
      bytes.push(code);
    } else {
      if (!map.has(char)) throw new Error(`${JSON.stringify(char)} is not in ISO-2022-JP`);
      shift(true);
      bytes.push(...map.get(char).map((byte) => byte & 0x7f));
    }
  }
  shift(false);
  return Buffer.from(bytes);
}

// --- transfer encodings ---

export function base64Lines(bytes) {
  return bytes.toString('base64').replace(/.{1,76}/g, '$&\n');
}

export function quotedPrintable(bytes) {
  const lines = [];
  let line = '';
  const push = (piece) => {
    if (line.length + piece.length > 75) {
      lines.push(line + '=');
      line = '';
    }
    line += piece;
  };
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === 10) {
      lines.push(line.replace(/[ \t]$/, (c) => (c === ' ' ? '=20' : '=09')));
      line = '';
    } else if ((byte >= 33 && byte <= 126 && byte !== 61) || byte === 32 || byte === 9) {
      push(String.fromCharCode(byte));
    } else {
      push('=' + byte.toString(16).toUpperCase().padStart(2, '0'));
    }
  }
  if (line) lines.push(line);
  return lines.join('\n') + '\n';
}

// --- headers ---

export function encodeWord(text, charset = 'utf-8', how = 'Q') {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text;
  const words = [];
  let piece = '';
  const encode = (part) => {
    const bytes = encodeText(part, charset);
    const body =
      how === 'B'
        ? bytes.toString('base64')
        : [...bytes]
            .map((b) =>
              b === 32 ? '_' : /[A-Za-z0-9]/.test(String.fromCharCode(b)) && b < 128 ? String.fromCharCode(b) : '=' + b.toString(16).toUpperCase().padStart(2, '0'),
            )
            .join('');
    return `=?${charset}?${how}?${body}?=`;
  };
  for (const char of text) {
    if (encode(piece + char).length > 72) {
      words.push(encode(piece));
      piece = '';
    }
    piece += char;
  }
  words.push(encode(piece));
  return words.join('\n ');
}

// { name, address } or "name <address>" or an address, to a header's text.
export function mailbox(person, charset, how) {
  if (typeof person === 'string') {
    const match = /^(.*?)\s*<(.+)>$/.exec(person);
    if (!match) return person;
    person = { name: match[1], address: match[2] };
  }
  if (!person.name) return person.address;
  if (!/^[\x20-\x7e]*$/.test(person.name)) return `${encodeWord(person.name, charset, how)} <${person.address}>`;
  const quoted = /[^A-Za-z0-9 '_-]/.test(person.name) ? `"${person.name.replace(/["\\]/g, '\\$&')}"` : person.name;
  return `${quoted} <${person.address}>`;
}

export function mailboxes(people, charset, how) {
  return [people].flat().map((person) => mailbox(person, charset, how)).join(',\n ');
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function rfc5322Date(date, zone = '+0100') {
  const minutes = (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)));
  const d = new Date(date.getTime() + minutes * 60000);
  const two = (n) => String(n).padStart(2, '0');
  const time = [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map(two).join(':');
  return `${days[d.getUTCDay()]}, ${d.getUTCDate()} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${time} ${zone}`;
}

// --- parts: { headers: [[name, value]], body: Buffer } ---

export function text(content, { charset = 'utf-8', encoding, subtype = 'plain', params = '' } = {}) {
  const bytes = encodeText(content.endsWith('\n') ? content : content + '\n', charset);
  const ascii = bytes.every((byte) => byte < 128);
  const how = encoding ?? (ascii && !/[^\n]{990}/.test(content) ? '7bit' : 'quoted-printable');
  const body = how === 'base64' ? base64Lines(bytes) : how === 'quoted-printable' ? quotedPrintable(bytes) : bytes;
  return {
    headers: [
      ['Content-Type', `text/${subtype}; charset=${charset}${params}`],
      ['Content-Transfer-Encoding', how],
    ],
    body: Buffer.from(body),
  };
}

export const html = (content, options = {}) => text(content, { ...options, subtype: 'html' });

// style: how a name beyond ASCII is written, "2231" (filename*), "2047" (as many programs do), "split" (2231 in parts).
export function attachment(type, bytes, name, { style = '2231', disposition = 'attachment', id, charset = 'utf-8', extra = [] } = {}) {
  const headers = [
    ['Content-Type', type + (style === '2047' ? `;\n name="${encodeWord(name, charset, 'B')}"` : '')],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  if (name !== null) headers.push(['Content-Disposition', `${disposition}; ${fileName(name, style, charset)}`]);
  else if (disposition) headers.push(['Content-Disposition', disposition]);
  if (id) headers.push(['Content-ID', `<${id}>`]);
  return { headers: [...headers, ...extra], body: Buffer.from(base64Lines(bytes)) };
}

function fileName(name, style, charset) {
  if (/^[\x20-\x7e]*$/.test(name) && style !== 'split') return `filename="${name.replace(/["\\]/g, '\\$&')}"`;
  if (style === '2047') return `filename="${encodeWord(name, charset, 'B')}"`;
  const encoded = [...encodeText(name, charset)]
    .map((b) => (/[A-Za-z0-9._-]/.test(String.fromCharCode(b)) && b < 128 ? String.fromCharCode(b) : '%' + b.toString(16).toUpperCase().padStart(2, '0')))
    .join('');
  if (style !== 'split') return `filename*=${charset}''${encoded}`;
  const pieces = encoded.match(/(?:%..|[^%]){1,20}/g);
  return pieces.map((piece, i) => `\n filename*${i}*=${i === 0 ? `${charset}''` : ''}${piece}`).join(';').trimStart();
}

export function attachedMessage(raw, name) {
  const headers = [['Content-Type', 'message/rfc822']];
  if (name) headers.push(['Content-Disposition', `attachment; filename="${name}"`]);
  return { headers, body: raw };
}

export function multipart(subtype, parts, params = '') {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part.body);
  const boundary = `=_${subtype}_${hash.digest('hex').slice(0, 20)}`;
  const chunks = [];
  for (const part of parts) chunks.push(Buffer.from(`--${boundary}\n`), render(part), Buffer.from('\n'));
  chunks.push(Buffer.from(`--${boundary}--\n`));
  return { headers: [['Content-Type', `multipart/${subtype}; boundary="${boundary}"${params}`]], body: Buffer.concat(chunks) };
}

export function render(part) {
  const head = part.headers.map(([name, value]) => `${name}: ${value}\n`).join('');
  return Buffer.concat([Buffer.from(head + '\n'), part.body]);
}

// A whole message: headers in the usual order, then the part's own.
export function message({ from, to, cc, replyTo, subject, date, id, inReplyTo, references, charset, how, zone, headers = [] }, part) {
  const head = [];
  const put = (name, value) => value !== undefined && value !== null && head.push([name, value]);
  put('Return-Path', from && `<${/<(.+)>/.exec(from)?.[1] ?? from}>`);
  put('From', from && mailbox(from, charset, how));
  put('To', to && mailboxes(to, charset, how));
  put('Cc', cc && mailboxes(cc, charset, how));
  put('Reply-To', replyTo && mailbox(replyTo, charset, how));
  put('Subject', subject === undefined ? undefined : encodeWord(subject, charset, how));
  put('Date', date && rfc5322Date(date, zone));
  put('Message-ID', id && `<${id}>`);
  put('In-Reply-To', inReplyTo && `<${inReplyTo}>`);
  put('References', references?.length ? references.map((ref) => `<${ref}>`).join('\n ') : undefined);
  for (const [name, value] of headers) put(name, value);
  put('MIME-Version', '1.0');
  return render({ headers: [...head, ...part.headers], body: part.body });
}
