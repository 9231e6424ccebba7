// Who signs in: the people of the mail stand (docs/STAND.md), and which of them a worker may change. Tests that run at
// the same time never share a mailbox that one of them changes.

export interface Person {
  address: string;
  password: string;
}

const person = (address: string, password: string): Person => ({ address, password });

/** Has the seeded mailbox, which tests read and leave as it is, but for what opening a message marks. */
export const demo = person('demo@posthorn.example', 'posthorn-demo');
/** Has an empty mailbox that nobody writes to. */
export const leer = person('leer@posthorn.example', 'leer-secret');
/** Has a password with quotes, a backslash, spaces and umlauts. */
export const umlaut = person('umlaut@posthorn.example', 'Pässwört "mit" \\ und \'Leer zeichen');
/** Is nobody's but the tests' of wrong passwords: such an account has to wait after some. */
export const jonas = person('jonas@posthorn.example', 'jonas-secret');
export const maria = person('maria@zweite.example', 'maria-secret');

export interface Cast {
  me: Person;
  peer: Person;
  third: Person;
  fourth: Person;
}

/** The four people of a worker, by Playwright's parallelIndex. */
export function cast(index: number): Cast {
  if (index > 1) throw new Error('the stand has test users for two workers only');
  const one = (n: number) => person(`test${index * 4 + n}@posthorn.example`, 'test-secret');
  return { me: one(1), peer: one(2), third: one(3), fourth: one(4) };
}
