import { toBase64url, type DeviceId, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import { sha256 } from './digest.ts';
import { loadGroup } from './group-state.ts';
import { loadOwnKeys } from './identity.ts';
import { openIn } from './open-envelope.ts';
import { epochFor } from './room-messages.ts';
import { SealError } from './sealer.ts';

export type Peeked = { eid: string; author: DeviceId; user: UserId; authorKey: Uint8Array; content: Uint8Array; authenticated: Uint8Array };

/**
 * Opens an envelope with key state as it lies in the store, and keeps nothing (delivery.md D10): the ratchet that it moves is dropped, and whoever
 * owns the store opens the same envelope later. Throws SealError, and RangeError where the state was being written just now.
 */
export async function peek(store: Pick<Store, 'get'>, room: RoomId, ciphertext: Uint8Array): Promise<Peeked> {
  const [own, group] = [await loadOwnKeys(store), await loadGroup(store, room)];
  if (!own || !group) throw new SealError('no-group', 'this device has no keys of this room');
  const epoch = await epochFor(store, room, group, ciphertext);
  const { author, user, authorKey, content, authenticated } = await openIn(epoch, ciphertext, own.deviceKey);
  return { eid: toBase64url(await sha256(ciphertext)), author, user, authorKey, content, authenticated };
}
