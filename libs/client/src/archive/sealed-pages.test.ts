import { describe, expect, it } from 'vitest';
import type { Page } from './page.ts';
import { ArchiveError, openPages, sealPages, type ArchiveSecret } from './sealed-pages.ts';

const secret = { key: crypto.getRandomValues(new Uint8Array(32)) };
const about: Page = { kind: 'about', rooms: [{ id: 'r1', name: 'Hall' }], people: [], madeAt: 1 };
const page = (n: number): Page => ({
  kind: 'entries',
  room: 'r1',
  entries: [
    {
      author: 'd',
      user: 'u',
      deviceKey: new Uint8Array(32),
      generation: 0,
      epoch: n,
      message: { order: { ms: n, counter: 0 }, signature: new Uint8Array(64), statement: new TextEncoder().encode(`words ${n}`) },
    },
  ],
});
async function* each<T>(...all: T[]): AsyncGenerator<T> {
  yield* all;
}
async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}
const sealedPieces = (by: ArchiveSecret = secret) => collected(sealPages(by, each(about, page(1), page(2))));
const whole = (pieces: Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));
const fault = async (bytes: Uint8Array, by: ArchiveSecret = secret) =>
  collected(openPages(by, each(bytes))).then(
    () => null,
    (error: ArchiveError) => error.fault,
  );

describe('an archive (FIND4)', () => {
  it('opens with its secret, in pieces of any length', async () => {
    const bytes = whole(await sealedPieces());
    expect(await collected(openPages(secret, each(bytes)))).toEqual([about, page(1), page(2)]);
    const crumbs = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await collected(openPages(secret, each(...crumbs)))).toEqual([about, page(1), page(2)]);
  });
  it('opens with its passphrase, however it is typed, and with no other', async () => {
    const bytes = whole(await sealedPieces({ passphrase: 'Zoë’s rivers' }));
    expect(await fault(bytes, { passphrase: ' Zoe\u0308’s rivers ' })).toBeNull();
    expect(await fault(bytes, { passphrase: 'zoë’s rivers' })).toBe('wrong-secret');
    expect(await fault(bytes, secret)).toBe('not-an-archive');
  });
  it('holds no word in the clear, and no two are alike', async () => {
    const [one, other] = [whole(await sealedPieces()), whole(await sealedPieces())];
    expect(Buffer.from(one).includes('words')).toBe(false);
    expect(Buffer.from(one).includes('Hall')).toBe(false);
    expect(Buffer.compare(one.slice(60, 100), other.slice(60, 100))).not.toBe(0);
  });
  it('shows that a chunk was changed, left out, swapped or cut off', async () => {
    const [header, ...chunks] = (await sealedPieces()) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [first, second, third] = chunks;
    const changed = third.map((byte, i) => (i === 30 ? byte ^ 1 : byte));
    expect(await fault(whole([header, first, second, changed]))).toBe('damaged');
    expect(await fault(whole([header, first, third]))).toBe('damaged');
    expect(await fault(whole([header, first, second]))).toBe('damaged');
    expect(await fault(whole([header, first, second, third.slice(0, -1)]))).toBe('damaged');
    expect(await fault(whole([header, second, first, third]))).toBe('wrong-secret');
    expect(await fault(whole([header.map((byte, i) => (i === 20 ? byte ^ 1 : byte)), first, second, third]))).toBe('wrong-secret');
    expect(await fault(whole([header]))).toBe('damaged');
    expect(await fault(new TextEncoder().encode('a letter to somebody that is no archive at all, but long enough'))).toBe('not-an-archive');
    expect(await fault(whole([header.map((byte, i) => (i === 8 ? 2 : byte)), first]))).toBe('newer');
  });
});
