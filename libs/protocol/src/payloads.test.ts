import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, decodeContent, decodeStatement, encodeContent, messageStatement, type Content } from './payloads.ts';

const room = '00000000-0000-4000-8000-000000000001';
const ann = '00000000-0000-4000-8000-00000000000a';
const mid = 'A'.repeat(43);
const utf8 = new TextEncoder();
const orders = fc.record({ ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }), counter: fc.integer({ min: 0, max: 0xffff }) });
const sealed = fc.record({
  order: orders,
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  statement: fc.uint8Array({ minLength: 1, maxLength: 200 }),
});
/** The same shape with plain numbers, since a decoded view is not the array that was encoded. */
const plain = (content: Content): unknown =>
  JSON.parse(JSON.stringify(content, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value)));
const reading = (bytes: Uint8Array) => () => decodeContent(bytes);

describe('what is inside the seal', () => {
  it('comes out as it went in: message, bundle, receipt, ask, history, want, apart, password', () => {
    fc.assert(
      fc.property(sealed, fc.array(fc.record({ author: fc.uuid(), message: sealed }), { maxLength: 4 }), (message, messages) => {
        const contents: Content[] = [
          { kind: 'message', ...message },
          { kind: 'bundle', messages },
          { kind: 'receipt', receipt: { delivered: [{ device: ann, aseq: 4, mid }], read: [{ device: ann, aseq: 0, mid: '' }] } },
          { kind: 'ask', ask: { device: ann, from: 1, to: 5 } },
          { kind: 'apart', devices: [ann, ann] },
          { kind: 'password', version: 2 ** 32 - 1, psk: new Uint8Array(32).fill(3) },
          { kind: 'want', want: { before: messages.length ? 'a cursor' : null } },
          {
            kind: 'history',
            next: messages.length ? 'a cursor' : '',
            entries: messages.map((one, i) => ({ ...one, user: ann, deviceKey: new Uint8Array(32).fill(i), generation: i - 1, epoch: i })),
          },
        ];
        for (const content of contents) expect(plain(decodeContent(encodeContent(content)))).toEqual(plain(content));
      }),
    );
  });

  it('is refused when a message ends before its statement, at every byte', () => {
    const bytes = encodeContent({
      kind: 'message',
      order: { ms: 1, counter: 0 },
      signature: new Uint8Array(64),
      statement: utf8.encode('{}'),
    });
    for (let length = 0; length <= 73; length++) expect(reading(bytes.subarray(0, length))).toThrow();
    expect(decodeContent(bytes)).toMatchObject({ kind: 'message' });
  });

  it('is refused when a bundle ends anywhere but between two messages, or lies about a length', () => {
    const message = { order: { ms: 1, counter: 0 }, signature: new Uint8Array(64), statement: utf8.encode('{}') };
    const bytes = encodeContent({
      kind: 'bundle',
      messages: [
        { author: ann, message },
        { author: ann, message },
      ],
    });
    const one = (bytes.length - 1) / 2;
    for (let length = 2; length < bytes.length; length++) if (length !== 1 + one) expect(reading(bytes.subarray(0, length))).toThrow();
    new DataView(bytes.buffer).setUint32(17, 0xffffffff);
    expect(reading(bytes)).toThrow();
  });

  it('is refused when a page of history ends anywhere but between two entries', () => {
    const message = { order: { ms: 1, counter: 0 }, signature: new Uint8Array(64), statement: utf8.encode('{}') };
    const entry = { author: ann, user: ann, deviceKey: new Uint8Array(32), generation: 0, epoch: 3, message };
    const bytes = encodeContent({ kind: 'history', next: 'x', entries: [entry, entry] });
    const one = (bytes.length - 4) / 2;
    for (let length = 1; length < bytes.length; length++)
      if (length !== 4 && length !== 4 + one) expect(reading(bytes.subarray(0, length))).toThrow();
    expect(decodeContent(bytes.subarray(0, 4 + one))).toMatchObject({ entries: [{ epoch: 3 }] });
  });

  it('is refused when it is rubbish: unknown kind, no JSON, wrong fields, broken UTF-8', () => {
    expect(reading(new Uint8Array())).toThrow();
    expect(reading(new Uint8Array([0, 1, 2]))).toThrow();
    expect(reading(new Uint8Array([9, 1, 2]))).toThrow();
    expect(reading(new Uint8Array([7, 1, 2]))).toThrow();
    expect(reading(new Uint8Array([6, ...utf8.encode('{"before":1}')]))).toThrow();
    expect(reading(new Uint8Array([2, ...utf8.encode('{')]))).toThrow();
    expect(reading(new Uint8Array([2, ...utf8.encode('{"delivered":1,"read":[]}')]))).toThrow();
    expect(reading(new Uint8Array([2, 0x22, 0xff, 0x22]))).toThrow();
    expect(reading(new Uint8Array([4, ...utf8.encode(JSON.stringify({ device: ann, from: 0, to: 1 }))]))).toThrow();
  });

  it('ends a decoder in RangeError, SyntaxError, TypeError or ZodError only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (rubbish) => {
        try {
          decodeContent(rubbish);
        } catch (error) {
          expect(['RangeError', 'SyntaxError', 'TypeError', 'ZodError']).toContain((error as Error).name);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('statements', () => {
  const statement = { v: 1, room, device: ann, aseq: 1, prev: '', frank: mid, audience: mid, at: 0, body: { kind: 'text', text: 'hi' } };
  const decode = (change: object) => decodeStatement(utf8.encode(JSON.stringify({ ...statement, ...change })));

  it('are read when they are well-formed', () => {
    expect(decode({})).toEqual(statement);
  });

  it.each([
    { aseq: 0 },
    { aseq: 1.5 },
    { v: 2 },
    { prev: 'short' },
    { room: room.toUpperCase().replaceAll('0', 'A') },
    { body: { kind: 'text', text: '' } },
    { body: { kind: 'text', text: 'nul \0' } },
    { body: { kind: 'shout', text: 'hi' } },
    { body: { kind: 'edit', text: 'no target' } },
  ])('are refused with %j', (change) => {
    expect(() => decode(change)).toThrow();
  });
});

describe('what an author signs (D2)', () => {
  const parts = { room, mid: new Uint8Array(32).fill(1), commitment: new Uint8Array(32).fill(2), order: { ms: 2 ** 40, counter: 3 } };
  const sign = (change: Partial<typeof parts>) => {
    const all = { ...parts, ...change };
    return String(messageStatement(all.room, all.mid, all.commitment, all.order));
  };

  it('differs with room, mid, commitment and each half of the order', () => {
    const lies: Partial<typeof parts>[] = [
      { room: ann },
      { mid: new Uint8Array(32) },
      { commitment: new Uint8Array(32) },
      { order: { ms: 2 ** 40 + 1, counter: 3 } },
      { order: { ms: 2 ** 40, counter: 4 } },
      { order: { ms: 0, counter: 3 } },
    ];
    expect(new Set(lies.map(sign)).add(sign({})).size).toBe(lies.length + 1);
  });
});

describe('the order in which members converge (D8)', () => {
  const entries = fc.record({ order: orders, device: fc.constantFrom('a', 'b', 'c'), aseq: fc.integer({ min: 1, max: 5 }) });

  it('is total: sorted from any arrival order, the result is the same', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 12 }), (list) => {
        expect(list.toReversed().sort(compareOrder)).toEqual(list.toSorted(compareOrder));
      }),
    );
  });

  it('goes by time, then counter, then device, then the author’s sequence', () => {
    const at = (ms: number, counter: number, device: string, aseq: number) => ({ order: { ms, counter }, device, aseq });
    const sorted = [at(1, 9, 'z', 9), at(2, 0, 'z', 9), at(2, 1, 'a', 9), at(2, 1, 'b', 1), at(2, 1, 'b', 2)];
    expect(sorted.toReversed().sort(compareOrder)).toEqual(sorted);
  });
});
