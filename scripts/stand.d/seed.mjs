// Fills a stand's mailboxes: seed.mjs demo|test STAND. The demo looks like somebody's mailbox; the test seed is small
// and exactly known, with everything odd that a mail server hands on. docs/STAND.md lists both.
import { seedDemo } from './demo.mjs';
import { seedTest } from './test-seed.mjs';
import { Account, becomeMailUser } from './maildir.mjs';
import { message, text } from './mime.mjs';

const [kind, stand] = process.argv.slice(2);
const started = Date.now();
becomeMailUser(stand);
const count = kind === 'demo' ? seedDemo(stand, new Date()) : seedTest(stand, new Date());
console.log(`✓ seeded (${kind}): ${count + seedNearlyFull(stand, new Date())} messages in ${Date.now() - started} ms`);

// voll@ has 256 kB and less than 2 kB of it left.
function seedNearlyFull(standDir, now) {
  const account = new Account(standDir, 'voll@posthorn.example');
  const line = 'Dieses Postfach ist beinahe voll, und das soll es auch sein.\n';
  for (let i = 0; i < 11; i += 1) {
    const raw = message(
      {
        from: 'Ablage <ablage@posthorn.example>',
        to: 'voll@posthorn.example',
        subject: `Ablage Nr. ${i + 1}`,
        date: new Date(now.getTime() - (12 - i) * 86400000),
        id: `ablage-${i + 1}@posthorn.example`,
      },
      text(line.repeat(377)),
    );
    account.add('INBOX', raw, { date: new Date(now.getTime() - (12 - i) * 86400000), flags: ['seen'] });
  }
  account.close();
  return 11;
}
