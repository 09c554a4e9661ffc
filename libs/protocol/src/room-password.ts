import { uuidToBytes, type RoomId } from './ids.ts';

/*
 * A room's password (ROOM3, e2ee.md). In the browser k = PBKDF2-HMAC-SHA-256(password NFKC, salt room id, 600,000 rounds: OWASP 2023);
 * HKDF(k, "conclave admission") goes to the server, which keeps a hash of it; HKDF(k, "conclave psk") is mixed into the group's keys and never leaves.
 */
export type RoomSecrets = { admission: Uint8Array<ArrayBuffer>; psk: Uint8Array<ArrayBuffer> };

const utf8 = new TextEncoder();
const rounds = 600_000;

export async function roomSecrets(room: RoomId, password: string): Promise<RoomSecrets> {
  const typed = await crypto.subtle.importKey('raw', utf8.encode(password.normalize('NFKC')), 'PBKDF2', false, ['deriveBits']);
  const slow = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: uuidToBytes(room), iterations: rounds }, typed, 256);
  const key = await crypto.subtle.importKey('raw', slow, 'HKDF', false, ['deriveBits']);
  const half = async (info: string) => {
    const bits = await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(info) },
      key,
      256,
    );
    return new Uint8Array(bits);
  };
  return { admission: await half('conclave admission'), psk: await half('conclave psk') };
}

/** External PSK id of a room's password: room 16 | version u32. */
export function pskIdOf(room: RoomId, version: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(20);
  out.set(uuidToBytes(room));
  new DataView(out.buffer).setUint32(16, version);
  return out;
}
