// A way to the mail server that a test can shut: connections that are open break, new ones are refused.
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

export class Gate {
  private readonly sockets = new Set<Socket>();
  private port = 0;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Gate> {
    const to = new URL(process.env.POSTHORN_IMAP_URL ?? '');
    const server = createServer((here) => {
      const there = connect(Number(to.port || 993), to.hostname);
      for (const [one, other] of [
        [here, there],
        [there, here],
      ] as const) {
        gate.sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          gate.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    const gate = new Gate(server);
    await gate.listen();
    return gate;
  }

  /** What to tell Posthorn as the mail server's address. */
  get url(): string {
    return `imaps://localhost:${this.port}`;
  }

  shut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  async reopen(): Promise<void> {
    await this.listen();
  }

  async close(): Promise<void> {
    if (this.server.listening) this.shut();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.listen(this.port, 'localhost', resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
  }
}
