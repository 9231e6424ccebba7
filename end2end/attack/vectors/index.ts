// All vectors: the project's own, and those of the HTML5 Security Cheatsheet where they are at hand.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Vector } from '../vector.ts';
import { clobber } from './clobber.ts';
import { handlers } from './handlers.ts';
import { links } from './links.ts';
import { markup } from './markup.ts';
import { parts } from './parts.ts';
import { styles } from './styles.ts';
import { urls } from './urls.ts';
import { words } from './words.ts';

const corpora = process.env.POSTHORN_CORPORA ?? fileURLToPath(new URL('../../../../shared/corpora', import.meta.url));
const sheet = `${corpora}/h5sc.json`;

/** Where the cheatsheet is looked for, and whether it is there. */
export const cheatsheet = { file: sheet, there: existsSync(sheet) };

interface Entry {
  id: number;
  html: string;
}

function sheets(): Vector[] {
  if (!cheatsheet.there) return [];
  const entries = JSON.parse(readFileSync(sheet, 'utf8')) as Entry[];
  return entries.map(({ id, html }) => ({ id: `h5sc-${id}`, category: 'h5sc', html }));
}

export const own: Vector[] = [...markup, ...handlers, ...urls, ...styles, ...clobber, ...words, ...links, ...parts];
export const all: Vector[] = [...own, ...sheets()];

/** So many of them, of every category in the same measure. */
export function sample(count: number): Vector[] {
  const step = own.length / count;
  return Array.from({ length: count }, (_, index) => own[Math.floor(index * step)]).filter((vector) => vector !== undefined);
}
