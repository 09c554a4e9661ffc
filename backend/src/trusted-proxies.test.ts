import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { World } from './testing/world.ts';
import { TrustedProxies } from './trusted-proxies.ts';

let world: World;
afterEach(() => world?.close());

const addressOf = (entries: string[], remoteAddress: string, forwarded?: string): string =>
  new TrustedProxies(entries).addressOf({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as IncomingMessage);

/** How many of twelve wrong guesses, each saying it comes from elsewhere, were looked at before the wait. */
async function guessesFrom(forwarded: (i: number) => string): Promise<number> {
  let looked = 0;
  for (let i = 0; i < 12; i++) {
    const body = { username: `somebody${i}`, password: 'wrong' };
    const { status } = await world.call('POST', '/api/auth/login', body, undefined, { 'x-forwarded-for': forwarded(i) });
    if (status === 401) looked++;
  }
  return looked;
}

describe('on whose behalf somebody asks', () => {
  it('is said by trusted neighbours only, and by the nearest of them', () => {
    expect(addressOf([], '203.0.113.1', '192.0.2.1')).toBe('203.0.113.1');
    expect(addressOf(['loopback'], '203.0.113.1', '192.0.2.1')).toBe('203.0.113.1');
    expect(addressOf(['loopback'], '127.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
    expect(addressOf(['loopback'], '::ffff:127.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
    // What the client itself wrote stands before what the proxy added.
    expect(addressOf(['loopback'], '127.0.0.1', '198.51.100.7, 127.0.0.1, 192.0.2.1')).toBe('192.0.2.1');
    expect(addressOf(['loopback', '10.0.0.0/8'], '127.0.0.1', '198.51.100.7, 192.0.2.1, 10.1.2.3')).toBe('192.0.2.1');
    expect(addressOf(['loopback'], '127.0.0.1', 'nonsense')).toBe('127.0.0.1');
    expect(addressOf(['loopback'], '127.0.0.1')).toBe('127.0.0.1');
  });

  it('gives a guesser no new address where no proxy is trusted, nor behind one that is', async () => {
    world = await World.open();
    expect(await guessesFrom((i) => `198.51.100.${i}`)).toBe(5);
    await world.close();
    world = await World.open({ TRUSTED_PROXIES: 'loopback' });
    expect(await guessesFrom((i) => `198.51.100.${i}, 192.0.2.1`)).toBe(5);
    expect(await guessesFrom((i) => `198.51.100.${i}`)).toBe(12);
  });
});
