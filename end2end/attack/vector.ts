// What an attack is, and how it becomes a mail. A vector is mostly one piece of HTML or text; some are made of the
// header or of the parts of a mail.
import { type File, newId } from '../support/mail.ts';

/** The script that every vector tries to run: no blanks and no quotes, so that it fits anywhere. */
export const RUN = 'window.__pwned=1,console.log(/posthorn-attack/),alert(1),top.__pwned=1';

/** A host that nothing may ever be asked of. */
export const HOST = 'https://attack.example';

export interface Vector {
  /** Unique, and the same in every run. */
  id: string;
  category: string;
  /** The rich form. */
  html?: string;
  /** The plain form. */
  text?: string;
  /** Header fields that stand in place of the usual ones, in UTF-8 or as they shall stand. */
  fields?: Record<string, string>;
  /** Further files. */
  files?: (File & { inline?: string })[];
  /** The rich form's type, instead of text/html in UTF-8; and its octets. */
  type?: string;
  octets?: Buffer;
  /** Or the whole body with its MIME fields, as it shall stand. */
  mime?: string;
  /** A name for a folder. */
  folder?: string;
}

/** Vectors of one category, numbered. */
export function vectors(category: string, list: Omit<Vector, 'id' | 'category'>[]): Vector[] {
  return list.map((vector, index) => ({ ...vector, category, id: `${category}-${index + 1}` }));
}

/** Vectors that are HTML alone. */
export const inHtml = (category: string, list: string[]): Vector[] => vectors(category, list.map((html) => ({ html })));

/** The sentence that has to be seen whatever stands beside it. */
export const SAID = 'Said before the attack.';

/** The mail. */
export function mailOf(vector: Vector): Buffer {
  const fields: Record<string, string> = {
    From: 'Mallory <mallory@attack.example>',
    To: 'someone@posthorn.example',
    Subject: `Attack ${vector.id}`,
    Date: 'Mon, 02 Nov 2026 10:20:30 +0100',
    'Message-ID': `<${newId()}>`,
    'MIME-Version': '1.0',
    ...vector.fields,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(head.join('\r\n')), Buffer.from('\r\n'), body(vector), Buffer.from('\r\n')]);
}

function body(vector: Vector): Buffer {
  if (vector.mime !== undefined) return Buffer.from(vector.mime.replace(/\r?\n/g, '\r\n'));
  const forms: Buffer[] = [];
  const rich = vector.html ?? (vector.text === undefined && vector.octets === undefined ? '<p>Nothing else.</p>' : undefined);
  if (vector.octets) forms.push(leaf(vector.type ?? 'text/html; charset=utf-8', vector.octets));
  else if (rich !== undefined) forms.push(leaf(vector.type ?? 'text/html; charset=utf-8', Buffer.from(`<p>${SAID}</p>\n${rich}`)));
  if (vector.text !== undefined) forms.push(leaf('text/plain; charset=utf-8', Buffer.from(`${SAID}\n${vector.text}`)));
  const files = (vector.files ?? []).map((file) =>
    leaf(file.type, file.content, [
      `Content-Disposition: ${file.inline ? 'inline' : 'attachment'}; filename*=utf-8''${encodeURIComponent(file.name)}`,
      ...(file.inline ? [`Content-ID: <${file.inline}>`] : []),
    ]),
  );
  const whole = forms.length > 1 ? multipart('alternative', forms) : (forms[0] ?? Buffer.alloc(0));
  if (files.length === 0) return whole;
  return multipart((vector.files ?? []).some((file) => file.inline) ? 'related' : 'mixed', [whole, ...files]);
}

function leaf(type: string, octets: Buffer, more: string[] = []): Buffer {
  const coded = octets.toString('base64').match(/.{1,76}/g) ?? [];
  return Buffer.from([`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', ...more, '', ...coded].join('\r\n'));
}

let boundaries = 0;

function multipart(kind: string, parts: Buffer[]): Buffer {
  boundaries += 1;
  const boundary = `=_attack_${boundaries}`;
  const pieces = parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\n`), part]);
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${kind}; boundary="${boundary}"\r\n`),
    ...pieces,
    Buffer.from(`\r\n--${boundary}--`),
  ]);
}
