import { bytesToUuid, uuidToBytes, type RoomId } from './ids.ts';

/** MLS group id of a room: its 16 bytes, then the generation (u32): a group founded anew is another group. */
export function groupIdOf(room: RoomId, generation: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(20);
  out.set(uuidToBytes(room));
  new DataView(out.buffer).setUint32(16, generation);
  return out;
}

/** Throws RangeError on anything but 20 bytes. */
export function readGroupId(bytes: Uint8Array): { room: RoomId; generation: number } {
  if (bytes.length !== 20) throw new RangeError('a group id has 20 bytes');
  return { room: bytesToUuid(bytes), generation: new DataView(bytes.buffer, bytes.byteOffset).getUint32(16) };
}
