import { bytesToUuid, uuidToBytes, type DeviceId, type RoomId } from './ids.ts';

/*
 * An invitation into a room (ROOM8): a member's device vouches for a key that stands in the link, and who holds the link vouches with it for
 * their account. So members let in whom a member invited, and the server, which sees neither seed nor key, invites nobody.
 *
 *   seed                32 random bytes, in the fragment of the link only
 *   server's secret     HKDF-SHA-256(seed, "conclave invitation secret"), 32 bytes; the server keeps its SHA-256
 *   invitation key      Ed25519 with private seed HKDF-SHA-256(seed, "conclave invitation key")
 *   inviter signs       "conclave invitation v1\0" | room 16 | public key 32 | expires u48 ms
 *   newcomer signs      "conclave invited v1\0" | room 16 | account key 32
 *   invitation          01 | room 16 | public key 32 | expires u48 | inviter device 16 | inviter's signature 64 | newcomer's signature 64
 */
export type Invitation = {
  room: RoomId;
  publicKey: Uint8Array;
  /** ms since 1970 */
  expiresAt: number;
  inviter: DeviceId;
  signature: Uint8Array;
  proof: Uint8Array;
};

const utf8 = new TextEncoder();
const invitationLabel = utf8.encode('conclave invitation v1\0');
const invitedLabel = utf8.encode('conclave invited v1\0');
const LENGTH = 199;

export function invitationStatement(room: RoomId, publicKey: Uint8Array, expiresAt: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(invitationLabel.length + 54);
  out.set(invitationLabel);
  out.set(uuidToBytes(room), invitationLabel.length);
  out.set(publicKey, invitationLabel.length + 16);
  putTime(out, invitationLabel.length + 48, expiresAt);
  return out;
}

export function invitedStatement(room: RoomId, accountKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(invitedLabel.length + 48);
  out.set(invitedLabel);
  out.set(uuidToBytes(room), invitedLabel.length);
  out.set(accountKey, invitedLabel.length + 16);
  return out;
}

export function encodeInvitation({ room, publicKey, expiresAt, inviter, signature, proof }: Invitation): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(LENGTH);
  out[0] = 1;
  out.set(uuidToBytes(room), 1);
  out.set(publicKey, 17);
  putTime(out, 49, expiresAt);
  out.set(uuidToBytes(inviter), 55);
  out.set(signature, 71);
  out.set(proof, 135);
  return out;
}

/** Throws RangeError on anything but the 199 bytes above. */
export function decodeInvitation(bytes: Uint8Array): Invitation {
  if (bytes.length !== LENGTH || bytes[0] !== 1) throw new RangeError('not an invitation');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    room: bytesToUuid(bytes, 1),
    publicKey: bytes.slice(17, 49),
    expiresAt: view.getUint16(49) * 2 ** 32 + view.getUint32(51),
    inviter: bytesToUuid(bytes, 55),
    signature: bytes.slice(71, 135),
    proof: bytes.slice(135),
  };
}

function putTime(out: Uint8Array<ArrayBuffer>, at: number, ms: number): void {
  const view = new DataView(out.buffer);
  view.setUint16(at, Math.floor(ms / 2 ** 32));
  view.setUint32(at + 2, ms % 2 ** 32);
}
