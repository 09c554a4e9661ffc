import { ConclaveError, type RoomId } from '../../../libs/protocol/src/index.ts';
import { readPrivateHeader, WireError } from '../../../libs/mls-wire/src/index.ts';

/** For which group and epoch these bytes were sealed. Throws ConclaveError `bad-frame`. */
export function sealedAt(ciphertext: Uint8Array): { room: RoomId; generation: number; epoch: number; authenticated: Uint8Array } {
  try {
    return readPrivateHeader(ciphertext);
  } catch (error) {
    if (error instanceof WireError) throw new ConclaveError('bad-frame', 'these bytes are not sealed for a group');
    throw error;
  }
}

/** What people say carries its commitment in the clear (franking, 32 bytes); receipts, questions and bundles carry nothing. */
export const carriesWords = (ciphertext: Uint8Array): boolean => sealedAt(ciphertext).authenticated.length > 0;
