import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareGif } from './gif.ts';

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const blocks = (...all: number[][]): number[] => [...all.flatMap((each) => [each.length, ...each]), 0];
const bytes = (...parts: number[][]): Uint8Array<ArrayBuffer> => Uint8Array.from(parts.flat());
const head = [...ascii('GIF89a'), 2, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
const control = (hundredths: number): number[] => [0x21, 0xf9, 4, 0, hundredths, 0, 0, 0];
const frame = [0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, ...blocks([0x44, 0x51])];
/** With a table of four colours of its own, and its data in two blocks. */
const ownColours = [0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0x81, ...Array.from({ length: 12 }, (_, n) => n), 2, ...blocks([0x44], [0x51])];
const comment = [0x21, 0xfe, ...blocks(ascii('taken at the secret lake'), ascii('47.3769 N'))];
const application = (name: string, ...data: number[][]): number[] => [0x21, 0xff, 11, ...ascii(name), ...blocks(...data)];
const loop = application('NETSCAPE2.0', [1, 5, 0]);
/** XMP stands there as plain text, and a tail leads every reader of blocks to its end. */
const xmp = [0x21, 0xff, 11, ...ascii('XMP DataXMP'), ...ascii('<x:xmpmeta>secret lake</x:xmpmeta>'.padEnd(60)), 1, ...Array.from({ length: 256 }, (_, n) => 255 - n), 0]; // prettier-ignore
const end = [0x3b];
const joined = (parts: Uint8Array[] | null): number[] | null => parts && parts.flatMap((part) => [...part]);
const bare = (...parts: number[][]): number[] | null => joined(bareGif(bytes(...parts)));

describe('a GIF that is sent (FILE4)', () => {
  it('keeps its frames, their times and its rounds, byte for byte', () => {
    const plain = [head, loop, control(7), frame, control(9), ownColours, end];
    expect(bare(...plain)).toEqual(plain.flat());
    expect(bare(ascii('GIF87a'), head.slice(6), frame, end)).toEqual([...ascii('GIF87a'), ...head.slice(6), ...frame, ...end]);
  });

  it('loses comments, XMP, other applications’ data, and what stands behind its end', () => {
    const noted = [head, comment, loop, xmp, control(7), comment, frame, application('ICCRGBG1012', ascii('profile')), [0x21, 0x77, ...blocks(ascii('lake'))], control(9), ownColours, end, ascii('secret lake')]; // prettier-ignore
    expect(bare(...noted)).toEqual([head, loop, control(7), frame, control(9), ownColours, end].flat());
  });

  it('loses a text no browser draws together with what controls it', () => {
    const text = [0x21, 0x01, 12, ...Array.from({ length: 12 }, () => 0), ...blocks(ascii('secret lake'))];
    expect(bare(head, control(7), text, frame, end)).toEqual([head, frame, end].flat());
  });

  it('says how often it goes round, and nothing else there', () => {
    expect(bare(head, application('NETSCAPE2.0', [1, 5, 0], ascii('secret')), frame, end)).toEqual([head, loop, frame, end].flat());
    expect(bare(head, application('NETSCAPE2.0', ascii('secret')), frame, end)).toEqual([head, frame, end].flat());
    expect(bare(head, application('MADEAT4PM57', [1, 5, 0]), frame, end)).toEqual([head, frame, end].flat());
    expect(bare(head, [0x21, 0xff, 3, ...ascii('odd'), 0], frame, end)).toEqual([head, frame, end].flat());
  });

  it('is not taken for one when it is none, or not whole', () => {
    expect(bare(ascii('RIFF'))).toBeNull();
    expect(bare(head, end)).toBeNull(); // no frame
    expect(bare(head, frame, [0x99])).toBeNull();
    const whole = bytes(head, loop, comment, control(7), frame);
    for (let length = 0; length < whole.length; length++) expect([length, bareGif(whole.subarray(0, length))]).toEqual([length, null]);
  });

  it('is ended where its program forgot to', () => {
    expect(bare(head, loop, comment, control(7), frame)).toEqual([head, loop, control(7), frame, end].flat());
  });

  it('ends for whatever bytes there are, and never makes more of them', () => {
    const kinds = fc.constantFrom(comment, loop, xmp, control(3), frame, ownColours, [0x21], [0x2c], end, [0]);
    fc.assert(
      fc.property(fc.array(fc.oneof(kinds, fc.array(fc.nat(255), { maxLength: 20 })), { maxLength: 12 }), (parts) => {
        const [before, after] = [bytes(head, ...parts), bare(head, ...parts)];
        if (after) expect(after.length).toBeLessThanOrEqual(before.length + 1); // its end
        // Done once, there is nothing left to do.
        if (after) expect(bare(after)).toEqual(after);
      }),
    );
  });
});
