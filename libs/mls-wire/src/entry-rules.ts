import type { PreSharedKeyID } from 'ts-mls/presharedkey.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { pskIdOf, type Entry, type UserId } from '../../protocol/src/index.ts';
import { sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { leafNodes, leafOf } from './leaves.ts';
import type { PublicGroup } from './types.ts';

/*
 * Who may come in, by what the group id says since the founding (protocol/group-id.ts): judged from group state and commit alone, so that all
 * members and the server judge alike, and a server that has turned bad changes nothing of it.
 */

const NONCE = 32;

/** Members add only whom the group is for. Throws WireError. */
export function checkUsers({ entry }: PublicGroup, users: UserId[]): void {
  users.forEach((user) => checkPerson(entry, user));
}

/**
 * What a commit's or a Welcome's pre-shared keys must be; `adds`: somebody comes in by it. An Add without the password's key would let in who
 * does not know it, since a Welcome needs only the keys of its own commit. Returns their ids. Throws WireError.
 */
export function checkPsks({ entry, room }: PublicGroup, adds: boolean, psks: PreSharedKeyID[]): Uint8Array[] {
  if (entry.by !== 'password' && psks.length > 0)
    throw new WireError('invalid-proposal', 'only a room with a password takes a pre-shared key');
  if (entry.by === 'password' && adds && psks.length === 0)
    throw new WireError('not-admitted', 'an Add to this group carries the password’s key');
  if (psks.length > 1) throw new WireError('invalid-proposal', 'one password at a time');
  return psks.map((psk) => {
    if (psk.psktype !== 'external' || psk.pskNonce.length !== NONCE || !isVersion(room, psk.pskId))
      throw new WireError('invalid-proposal', 'the pre-shared key is not that of the room’s password');
    return psk.pskId;
  });
}

/** By an external commit anybody comes in whom the server admits: only where the room is open to all, and nowhere else to come back either. */
export function checkExternal({ entry }: PublicGroup): void {
  if (entry.by !== 'open') throw new WireError('not-admitted', 'into this group only members bring anybody');
}

/** A group that somebody hands over whole holds nobody whom its id keeps out. */
export async function checkPeople(entry: Entry, tree: RatchetTree): Promise<void> {
  for (const { node, leaf } of leafNodes(tree)) checkPerson(entry, (await leafOf(node, leaf)).user);
}

function checkPerson(entry: Entry, user: UserId): void {
  if (entry.by === 'direct' && !entry.users.includes(user))
    throw new WireError('not-admitted', 'a direct conversation is between the two people it was founded for');
}

function isVersion(room: string, id: Uint8Array): boolean {
  if (id.length !== 20) return false;
  const version = new DataView(id.buffer, id.byteOffset).getUint32(16);
  return version >= 1 && sameBytes(id, pskIdOf(room, version));
}
