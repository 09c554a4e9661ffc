import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { WireError, type WireErrorCode } from './errors.ts';

type Decoder<T> = (bytes: Uint8Array, offset: number) => [T, number] | undefined;

/** All of `bytes` as one value. The decoders of the library throw whatever they stumble over; here that is one error. */
export function decodeWhole<T>(decode: Decoder<T>, bytes: Uint8Array, what: string): T {
  let decoded: [T, number] | undefined;
  try {
    // a copy at offset 0: the library's decoders read `bytes.buffer` from its beginning in places
    decoded = decode(bytes.slice(), 0);
  } catch (error) {
    throw new WireError('malformed', `not ${what}`, { cause: error });
  }
  if (decoded === undefined || decoded[1] !== bytes.length) throw new WireError('malformed', `not exactly ${what}`);
  return decoded[0];
}

/** One MLSMessage of a kind. Only the canonical encoding passes, so that equal meaning is equal bytes and equal hash. */
export function decodeMessage<W extends MLSMessage['wireformat']>(
  bytes: Uint8Array,
  wireformat: W,
  max: number,
): Extract<MLSMessage, { wireformat: W }> {
  if (bytes.length > max) throw new WireError('too-large', `at most ${max} bytes`);
  const message = decodeWhole(decodeMlsMessage, bytes, 'an MLS message');
  if (message.wireformat !== wireformat) throw new WireError('unsupported', `${wireformat} expected, not ${message.wireformat}`);
  if (
    !sameBytes(
      guardSync(() => encodeMlsMessage(message)),
      bytes,
    )
  )
    throw new WireError('malformed', 'not the canonical encoding');
  return message as Extract<MLSMessage, { wireformat: W }>;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function guardSync<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new WireError('malformed', 'cannot be encoded again', { cause: error });
  }
}

/** Runs checks of the library: whatever it throws becomes a WireError of this code. */
export async function guard<T>(code: WireErrorCode, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof WireError) throw error;
    throw new WireError(code, error instanceof Error ? error.message : 'refused', { cause: error });
  }
}
