import { bytesToUuid, uuidToBytes, type RoomId, type UserId } from './ids.ts';

/*
 * The ticket of an external join: made once by the server for one device and one group info, and carried as authenticated data
 * of the external commit, so that members can see that the server let this very device in. The server's key is the external sender
 * in the group context. Members check signature, keys and room; the server also expiry and single use.
 *
 *   01 | room 16 | user 16 | account key 32 | device key 32 | SHA-256 of group info 32 | expires u48 ms | nonce 16 | signature 64
 */
export type AdmissionTicket = {
  room: RoomId;
  user: UserId;
  accountKey: Uint8Array;
  deviceKey: Uint8Array;
  groupInfoHash: Uint8Array;
  /** ms since 1970 */
  expiresAt: number;
  nonce: Uint8Array;
  signature: Uint8Array;
};

const SIGNED = 151;
const label = new TextEncoder().encode('conclave admission v1\0');

/** The bytes the server signs: a label, then everything before the signature. */
export function admissionStatement(admission: Omit<AdmissionTicket, 'signature'>): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(label.length + SIGNED);
  out.set(label);
  out.set(encodeAdmission({ ...admission, signature: new Uint8Array(64) }).subarray(0, SIGNED), label.length);
  return out;
}

export function encodeAdmission(admission: AdmissionTicket): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(SIGNED + 64);
  const view = new DataView(out.buffer);
  out[0] = 1;
  out.set(uuidToBytes(admission.room), 1);
  out.set(uuidToBytes(admission.user), 17);
  out.set(admission.accountKey, 33);
  out.set(admission.deviceKey, 65);
  out.set(admission.groupInfoHash, 97);
  view.setUint16(129, Math.floor(admission.expiresAt / 2 ** 32));
  view.setUint32(131, admission.expiresAt % 2 ** 32);
  out.set(admission.nonce, 135);
  out.set(admission.signature, SIGNED);
  return out;
}

/** Throws RangeError on anything but the 215 bytes above. */
export function decodeAdmission(bytes: Uint8Array): AdmissionTicket {
  if (bytes.length !== SIGNED + 64 || bytes[0] !== 1) throw new RangeError('not an admission');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    room: bytesToUuid(bytes, 1),
    user: bytesToUuid(bytes, 17),
    accountKey: bytes.slice(33, 65),
    deviceKey: bytes.slice(65, 97),
    groupInfoHash: bytes.slice(97, 129),
    expiresAt: view.getUint16(129) * 2 ** 32 + view.getUint32(131),
    nonce: bytes.slice(135, 151),
    signature: bytes.slice(151),
  };
}
