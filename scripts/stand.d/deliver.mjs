// Hands one message to the stand's Dovecot by LMTP, as Postfix would: the quick way for a test to let mail arrive.
// deliver.mjs SOCKET FROM TO FILE
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';

const [socketPath, from, to, file] = process.argv.slice(2);
const raw = readFileSync(file === '-' ? 0 : file).toString('latin1');
const body = raw.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..');
const steps = [
  null,
  'LHLO localhost',
  `MAIL FROM:<${from}>`,
  `RCPT TO:<${to}>`,
  'DATA',
  body + (body.endsWith('\r\n') ? '' : '\r\n') + '.',
  'QUIT',
];

const socket = connect(socketPath);
let pending = '';
let step = 0;
socket.on('error', (error) => fail(error.message));
socket.on('data', (chunk) => {
  pending += chunk.toString('latin1');
  for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
    const line = pending.slice(0, end);
    pending = pending.slice(end + 2);
    if (line[3] === '-') continue;
    if (!/^[23]/.test(line)) fail(`${line} (after ${String(steps[step]).slice(0, 60)})`);
    step += 1;
    if (step === steps.length) {
      socket.end();
      return;
    }
    socket.write(steps[step] + '\r\n', 'latin1');
  }
});

function fail(why) {
  console.error(`deliver: ${why}`);
  process.exit(1);
}
