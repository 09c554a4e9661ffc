import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRelayed } from './envelope.ts';
import { limits } from './limits.ts';
import { decodeLinkMessage, encodeLinkMessage, type LinkMessage } from './link-message.ts';

const room = '00000000-0000-4000-8000-000000000001';
const ann = '00000000-0000-4000-8000-00000000000a';
const bob = '00000000-0000-4000-8000-00000000000b';
const eid = (byte: number) => new Uint8Array(32).fill(byte);
const messages: LinkMessage[] = [
  { type: 'envelope', room, ciphertext: new Uint8Array([9, 8, 7]) },
  { type: 'ack', eids: [eid(1), eid(2)] },
  { type: 'signal', from: ann, to: bob, data: 'candidate é 汉' },
  { type: 'neighbours', devices: [ann, bob] },
  { type: 'neighbours', devices: [] },
  { type: 'told', body: new Uint8Array([1, 2, 3]) },
];

describe('messages of a data channel (P-12)', () => {
  it('come out as they went in', () => {
    for (const message of messages) expect(decodeLinkMessage(encodeLinkMessage(message))).toEqual(message);
  });

  it('are read where they stand in a larger buffer', () => {
    for (const message of messages) {
      const frame = encodeLinkMessage(message);
      const larger = new Uint8Array(frame.length + 20).fill(0xff);
      larger.set(frame, 11);
      expect(decodeLinkMessage(larger.subarray(11, 11 + frame.length))).toEqual(message);
    }
  });

  it('are refused when they end within an eid or a device, or acknowledge nothing', () => {
    for (const [type, size, least] of [
      ['ack', 32, 1],
      ['neighbours', 16, 0],
    ] as const) {
      const frame = encodeLinkMessage(messages.find((message) => message.type === type)!);
      const lengths = Array.from({ length: frame.length }, (_, length) => length);
      const torn = lengths.filter((length) => length === 0 || (length - 1) % size !== 0 || (length - 1) / size < least);
      for (const length of torn) expect(() => decodeLinkMessage(frame.subarray(0, length)), `${type}, ${length} bytes`).toThrow(RangeError);
    }
  });

  it('are refused when nothing follows their head', () => {
    for (const [type, head] of [
      ['envelope', 17],
      ['signal', 33],
      ['told', 1],
    ] as const) {
      const frame = encodeLinkMessage(messages.find((message) => message.type === type)!);
      for (let length = 0; length <= head; length++)
        expect(() => decodeLinkMessage(frame.subarray(0, length)), `${type}, ${length} bytes`).toThrow(RangeError);
    }
  });

  it('have as much as they may, and are refused with one more', () => {
    const bytes = (length: number) => new Uint8Array(length);
    const fits = (message: LinkMessage) => expect(decodeLinkMessage(encodeLinkMessage(message))).toEqual(message);
    const tooMuch = (message: LinkMessage) => expect(() => decodeLinkMessage(encodeLinkMessage(message)), message.type).toThrow(RangeError);
    const each: [number, (size: number) => LinkMessage][] = [
      [limits.acksPerFrame, (size) => ({ type: 'ack', eids: Array.from({ length: size }, (_, i) => eid(i)) })],
      [limits.ciphertext, (size) => ({ type: 'envelope', room, ciphertext: bytes(size) })],
      [limits.signalData, (size) => ({ type: 'signal', from: ann, to: bob, data: 'x'.repeat(size) })],
      [limits.devicesPerRoom, (size) => ({ type: 'neighbours', devices: Array.from({ length: size }, () => ann) })],
      [limits.told, (size) => ({ type: 'told', body: bytes(size) })],
    ];
    for (const [most, make] of each) {
      fits(make(most));
      tooMuch(make(most + 1));
    }
  });

  it('are refused when a signal is not UTF-8, and as a frame of the socket', () => {
    const frame = encodeLinkMessage({ type: 'signal', from: ann, to: bob, data: 'x' });
    frame[33] = 0xff;
    expect(() => decodeLinkMessage(frame)).toThrow(RangeError);
    expect(() => decodeLinkMessage(encodeRelayed({ room, author: ann, at: 5, ciphertext: eid(1) }))).toThrow(RangeError);
  });

  it('never end in anything but a RangeError, whatever a member sends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.integer({ min: 0, max: 9 }), (rubbish, type) => {
        rubbish[0] = type;
        try {
          decodeLinkMessage(rubbish);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
