import { bytesToUuid, uuidToBytes, type RoomId, type UserId } from './ids.ts';

/*
 * The MLS group id of a room says who may come in, so that this stands in every member's group context and nobody, the server included, can
 * change it. A group founded anew is another group.
 *
 *   room 16 | generation u32 | entry u8 | for a direct conversation: user 16 | user 16 (the smaller first)
 *
 *   0 open       a newcomer joins by external commit with the server's admission
 *   1 password   members add; every commit with an Add carries the PSK of the room's password
 *   2 closed     members add whom a member invited, or lets in by hand (hidden rooms)
 *   3 direct     members add devices of these two people only
 */
export type Entry = { by: 'open' } | { by: 'password' } | { by: 'closed' } | { by: 'direct'; users: [UserId, UserId] };

const kinds = ['open', 'password', 'closed', 'direct'] as const;

export function groupIdOf(room: RoomId, generation: number, entry: Entry): Uint8Array<ArrayBuffer> {
  const users = entry.by === 'direct' ? [...entry.users].sort() : [];
  const out = new Uint8Array(21 + 16 * users.length);
  out.set(uuidToBytes(room));
  new DataView(out.buffer).setUint32(16, generation);
  out[20] = kinds.indexOf(entry.by);
  users.forEach((user, i) => out.set(uuidToBytes(user), 21 + 16 * i));
  return out;
}

/** Throws RangeError on anything but the bytes above. */
export function readGroupId(bytes: Uint8Array): { room: RoomId; generation: number; entry: Entry } {
  const by = kinds[bytes[20] ?? kinds.length];
  if (!by || bytes.length !== (by === 'direct' ? 53 : 21)) throw new RangeError('not a group id');
  const generation = new DataView(bytes.buffer, bytes.byteOffset).getUint32(16);
  const entry: Entry = by === 'direct' ? { by, users: [bytesToUuid(bytes, 21), bytesToUuid(bytes, 37)] } : { by };
  if (entry.by === 'direct' && entry.users[0] >= entry.users[1]) throw new RangeError('two people, the smaller id first');
  return { room: bytesToUuid(bytes), generation, entry };
}
