import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRelayed, decodeSubmission, encodeRelayed, encodeSubmission } from './envelope.ts';
import { limits } from './limits.ts';

const room = '00000000-0000-4000-8000-000000000001';
const ann = '00000000-0000-4000-8000-00000000000a';
const bob = '00000000-0000-4000-8000-00000000000b';
const ciphertext = new Uint8Array([9, 8, 7]);
const submission = { n: 7, room, recipients: [ann, bob], ciphertext };
const bytes = (max: number) => fc.uint8Array({ minLength: 1, maxLength: max });

describe('submissions (delivery.md D3)', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        fc.array(fc.uuid(), { minLength: 1, maxLength: 8 }),
        bytes(300),
        (n, recipients, sealed) => {
          const back = decodeSubmission(encodeSubmission({ n, room, recipients, ciphertext: sealed }));
          expect({ ...back, ciphertext: [...back.ciphertext] }).toEqual({ n, room, recipients, ciphertext: [...sealed] });
        },
      ),
    );
  });

  it('are read where they stand in a larger buffer', () => {
    const frame = encodeSubmission(submission);
    const larger = new Uint8Array(frame.length + 20).fill(0xff);
    larger.set(frame, 11);
    expect(decodeSubmission(larger.subarray(11, 11 + frame.length))).toEqual(submission);
  });

  it('are refused when cut before their sealed bytes begin, wherever', () => {
    const frame = encodeSubmission(submission);
    for (let length = 0; length <= frame.length - ciphertext.length; length++)
      expect(() => decodeSubmission(frame.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
  });

  it('are refused when they lie about the number of recipients', () => {
    const frame = encodeSubmission(submission);
    for (const count of [0, 3, limits.devicesPerRoom + 1, 0xffff]) {
      new DataView(frame.buffer).setUint16(21, count);
      expect(() => decodeSubmission(frame), `${count} recipients`).toThrow(RangeError);
    }
  });

  it('are refused with the number 0: they count from 1 (D4)', () => {
    expect(() => decodeSubmission(encodeSubmission({ ...submission, n: 0 }))).toThrow(RangeError);
  });

  it('carry as many sealed bytes as an envelope may have, to a full room, within one frame; one byte more is refused', () => {
    const recipients = Array.from({ length: limits.devicesPerRoom }, () => ann);
    const frame = encodeSubmission({ ...submission, recipients, ciphertext: new Uint8Array(limits.ciphertext) });
    expect(frame.length).toBeLessThanOrEqual(limits.frame);
    expect(decodeSubmission(frame).ciphertext).toHaveLength(limits.ciphertext);
    expect(() => decodeSubmission(encodeSubmission({ ...submission, ciphertext: new Uint8Array(limits.ciphertext + 1) }))).toThrow(
      RangeError,
    );
  });
});

describe('relayed envelopes', () => {
  it('come out as they went in, with times beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), bytes(300), (at, sealed) => {
        const back = decodeRelayed(encodeRelayed({ room, author: ann, at, ciphertext: sealed }));
        expect({ ...back, ciphertext: [...back.ciphertext] }).toEqual({ room, author: ann, at, ciphertext: [...sealed] });
      }),
    );
  });

  it('are refused when cut before their sealed bytes begin, and as another kind of frame', () => {
    const frame = encodeRelayed({ room, author: ann, at: 5, ciphertext });
    for (let length = 0; length < 40; length++)
      expect(() => decodeRelayed(frame.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    expect(() => decodeSubmission(frame)).toThrow(RangeError);
  });
});

describe('rubbish on the socket', () => {
  it('never ends in anything but a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (rubbish) => {
        for (const decode of [decodeRelayed, decodeSubmission])
          try {
            decode(rubbish);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
      }),
      { numRuns: 500 },
    );
  });
});
