// Mail that arrives as from the net: handed in at the stand's LMTP socket (RFC 2033).
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Lets a mail arrive in the person's inbox. */
export async function deliver(address: string, raw: Buffer): Promise<void> {
  const path = process.env.STAND_LMTP_SOCKET;
  if (!path) throw new Error('STAND_LMTP_SOCKET is not set: these tests need the mail stand');
  const socket = connect(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const reply = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      const line = String(value ?? '');
      if (done || !/^[23]/.test(line)) throw new Error(`LMTP: ${line}`);
      if (line[3] !== '-') return;
    }
  };
  try {
    await reply();
    for (const command of ['LHLO tests', 'MAIL FROM:<anna@posthorn.example>', `RCPT TO:<${address}>`, 'DATA']) {
      socket.write(`${command}\r\n`);
      await reply();
    }
    // No line of these mails begins with a dot.
    socket.write(Buffer.concat([raw, Buffer.from('\r\n.\r\n')]));
    await reply();
  } finally {
    socket.destroy();
  }
}
