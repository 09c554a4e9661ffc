import { createServer } from 'node:net';

/** A loopback port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until it is true; throws after `ms`. */
export async function eventually(what: string, ask: () => Promise<boolean>, ms = 20_000): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until;) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}
