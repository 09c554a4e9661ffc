import { bytesToUuid, toBase64url, uuidToBytes, verifyCertificate, verifyEd25519, type UserId } from '../../../protocol/src/index.ts';
import { certify, makeKeyPair, signWith, type KeyPair, type OwnKeys } from './identity.ts';
import { SealError } from './sealer.ts';

/*
 * Linking a new device by a code that is read off one screen and typed on the other. Twenty characters carry 100 bits, so the server, which
 * holds the sealed messages, cannot guess it; mailbox and key are derived apart. Crockford's alphabet: no I, L, O, U to mistake.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 20;
const REQUEST = 16 + 32;
const ANSWER = 16 + 32 + 32 + 32 + 64;
const utf8 = new TextEncoder();

/** A fresh code, in groups of five. */
export function linkCode(): string {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), (byte) => ALPHABET[byte % 32]!);
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-');
}

/** Where requests and answers of this code lie on the server. Throws SealError `bad-link` when it is no code. */
export async function linkMailbox(code: string): Promise<string> {
  return toBase64url(await derive(code, 'conclave link mailbox', 16));
}

/** A code as typed: any case, spaces, hyphens, and the letters one mistakes for digits. */
function normalise(code: string): string {
  const plain = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (plain.length !== LENGTH || [...plain].some((letter) => !ALPHABET.includes(letter)))
    throw new SealError('bad-link', `a code has ${LENGTH} letters and digits`);
  return plain;
}

async function derive(code: string, info: string, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', utf8.encode(normalise(code)), 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, bytes * 8));
}

async function sealed(code: string, side: 'request' | 'answer', plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', await derive(code, `conclave link ${side}`, 32), 'AES-GCM', false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain));
  return Uint8Array.of(...iv, ...body);
}

async function unsealed(code: string, side: 'request' | 'answer', bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const raw = await derive(code, `conclave link ${side}`, 32);
  try {
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
    const copy = bytes.slice();
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: copy.subarray(0, 12) }, key, copy.subarray(12));
    if (plain.byteLength === length) return new Uint8Array(plain);
  } catch (error) {
    throw new SealError('bad-link', 'not sealed under this code', { cause: error });
  }
  throw new SealError('bad-link', 'not a linking message');
}

/** What a new device keeps until the answer comes. */
export type LinkRequest = { user: UserId; device: KeyPair };

export async function makeRequest(code: string, user: UserId): Promise<{ bytes: Uint8Array; request: LinkRequest }> {
  const device = await makeKeyPair();
  return { bytes: await sealed(code, 'request', Uint8Array.of(...uuidToBytes(user), ...device.publicKey)), request: { user, device } };
}

/** The old device signs the new one's key and hands over the account's. */
export async function makeAnswer(code: string, bytes: Uint8Array, own: OwnKeys): Promise<Uint8Array> {
  const plain = await unsealed(code, 'request', bytes, REQUEST);
  if (bytesToUuid(plain) !== own.user) throw new SealError('bad-link', 'the new device is signed in to another account');
  const deviceKey = plain.slice(16);
  const signature = await certify(own.user, { publicKey: own.accountKey, privateKey: own.accountPrivate }, deviceKey);
  return sealed(
    code,
    'answer',
    Uint8Array.of(...uuidToBytes(own.user), ...deviceKey, ...own.accountKey, ...own.accountPrivate, ...signature),
  );
}

/** The new device's keys from the answer, everything checked. */
export async function readAnswer(code: string, bytes: Uint8Array, { user, device }: LinkRequest): Promise<OwnKeys> {
  const plain = await unsealed(code, 'answer', bytes, ANSWER);
  const [deviceKey, accountKey, accountPrivate] = [plain.slice(16, 48), plain.slice(48, 80), plain.slice(80, 112)];
  const signature = plain.slice(112);
  const mine = bytesToUuid(plain) === user && deviceKey.every((byte, i) => byte === device.publicKey[i]);
  if (!mine) throw new SealError('bad-link', 'the answer is for another device or account');
  const again = await signWith(accountPrivate, Uint8Array.of(1));
  const holds = await verifyEd25519(accountKey, again, Uint8Array.of(1));
  if (!holds || !(await verifyCertificate({ user, accountKey, signature }, deviceKey)))
    throw new SealError('bad-link', 'the account’s key does not fit');
  return { user, deviceKey, devicePrivate: device.privateKey, accountKey, accountPrivate, signature };
}
