import { limits } from '../../../protocol/src/index.ts';

/** Signature and its length inside the padding. */
const SIGNATURE = 66;
/** Group id, epoch, lengths, sender data and AEAD tag around it. */
const AROUND = 160;

/** To how many bytes content of this length is padded: 256, 1024, 4096, then multiples of 4096, and never beyond an envelope. */
export function paddedLength(content: number, authenticated: number): number {
  const inner = content + lengthField(content) + SIGNATURE;
  const most = limits.ciphertext - AROUND - authenticated;
  if (inner > most) throw new RangeError(`sealed content has at most ${most - SIGNATURE - 4} bytes`);
  const bucket = inner <= 256 ? 256 : inner <= 1024 ? 1024 : Math.ceil(inner / 4096) * 4096;
  return Math.min(bucket, most);
}

const lengthField = (length: number) => (length < 64 ? 1 : length < 16384 ? 2 : 4);
