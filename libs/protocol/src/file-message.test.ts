import { describe, expect, it } from 'vitest';
import { decodeFileMessage, encodeFileMessage, filePieceBytes, type FileMessage } from './file-message.ts';
import { partLength, partsOf, sealedSize } from './files.ts';

const id = 'AAECAwQFBgcICQoLDA0ODw';

describe('messages about files', () => {
  it('survive the way', () => {
    const messages: FileMessage[] = [
      { type: 'want', id, from: 0, to: 1 },
      { type: 'want', id, from: 2 ** 40 + 7, to: 2 ** 47 },
      { type: 'piece', id, at: 2 ** 33 + 1, bytes: new Uint8Array([1, 2, 3]) },
      { type: 'piece', id, at: 0, bytes: new Uint8Array(filePieceBytes) },
      { type: 'stop', id },
      { type: 'not-here', id },
    ];
    for (const message of messages) expect(decodeFileMessage(encodeFileMessage(message))).toEqual(message);
    expect(encodeFileMessage(messages[3]!).length).toBe(16 * 1024);
  });

  it('are refused when they are anything else', () => {
    const piece = encodeFileMessage({ type: 'piece', id, at: 0, bytes: new Uint8Array(1) });
    const want = encodeFileMessage({ type: 'want', id, from: 5, to: 6 });
    const backwards = encodeFileMessage({ type: 'want', id, from: 6, to: 5 });
    const long = new Uint8Array(16 * 1024 + 1);
    long[0] = 2;
    for (const bad of [
      new Uint8Array(),
      piece.subarray(0, 23),
      want.subarray(0, 28),
      new Uint8Array([...want, 0]),
      backwards,
      long,
      new Uint8Array(17),
    ])
      expect(() => decodeFileMessage(bad)).toThrow(RangeError);
  });
});

describe('sizes', () => {
  it('count a tag for every chunk, and the last part is what is left', () => {
    expect([0, 1, 65_536, 65_537].map(sealedSize)).toEqual([16, 17, 65_552, 65_569]);
    const size = 4 * 1024 * 1024 + 3;
    expect([partsOf(size), partLength(size, 0), partLength(size, 1)]).toEqual([2, 4 * 1024 * 1024, 3]);
  });
});
