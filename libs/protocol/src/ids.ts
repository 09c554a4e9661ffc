import * as z from 'zod';

/**
 * Ids on the wire are UUID strings, 16 bytes in binary frames.
 * A device's id is not chosen: it is the first 16 bytes of SHA-256 of its Ed25519 public key,
 * so that nobody can claim the id of a key they do not hold.
 */
const uuid = () => z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID');

export const UserId = uuid();
export const DeviceId = uuid();
export const RoomId = uuid();
export const SessionId = uuid();
export type UserId = string;
export type DeviceId = string;
export type RoomId = string;

/** Message id: SHA-256 of the author's frozen statement, base64url (43 characters). Known only inside the seal. */
export type Mid = string;
/** Envelope id: SHA-256 of the sealed bytes, base64url (43 characters). The identity on every wire. */
export type Eid = string;

/** Base64url without padding, at most `max` characters. */
export const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/, 'must be base64url without padding');

export const Eid = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 in base64url');

/** UUID string → 16 bytes. Throws RangeError on anything else. */
export function uuidToBytes(id: string): Uint8Array<ArrayBuffer> {
  const hex = id.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError('not a UUID');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** The first 16 bytes at `offset` → UUID string. Throws RangeError when fewer are left. */
export function bytesToUuid(bytes: Uint8Array, offset = 0): string {
  if (bytes.length < offset + 16) throw new RangeError('16 bytes expected');
  let hex = '';
  for (let i = offset; i < offset + 16; i++) hex += bytes[i]!.toString(16).padStart(2, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Bytes → base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Base64url without padding → bytes. Throws RangeError on other characters. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new RangeError('not base64url');
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}
