import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPublic, isPublic } from './fetch-public.ts';

let server: Server;
let port: number;
let asked = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/never') return void response.write('a');
    response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const signal = (ms = 5_000) => AbortSignal.timeout(ms);

describe('fetching what somebody else has named', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    'ff02::1',
  ])('takes %s for an address of a network of its own', (address) => expect(isPublic(address)).toBe(false));
  it.each(['192.0.3.1', '93.184.216.34', '172.32.0.1', '2a00:1450::1'])('takes %s for a public one', (address) =>
    expect(isPublic(address)).toBe(true),
  );

  it('fetches where the site itself was configured by such an address, or a name of one’s own network', async () => {
    for (const host of ['127.0.0.1', 'localhost'])
      expect((await fetchPublic(new URL(`http://${host}:${port}/`), 4, signal())).toString()).toBe('here');
  });

  it('does not where a name that looks public leads there', async () => {
    const before = asked;
    // Faked: the resolver, which nobody answers here.
    const leadingTo = (...addresses: string[]) =>
      fetchPublic(new URL(`http://pictures.test:${port}/`), 4, signal(), (_, __, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      );
    await expect(leadingTo('127.0.0.1')).rejects.toThrow('private network');
    await expect(leadingTo('10.0.0.1', '127.0.0.1')).rejects.toThrow('private network');
    await expect(leadingTo()).rejects.toThrow('private network');
    expect(asked).toBe(before);
  });

  it('ends what is too large or does not end', async () => {
    await expect(fetchPublic(new URL(`http://127.0.0.1:${port}/`), 3, signal())).rejects.toThrow('larger');
    await expect(fetchPublic(new URL(`http://127.0.0.1:${port}/never`), 3, signal(200))).rejects.toThrow();
  });
});
