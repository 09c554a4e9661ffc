import { bytesToUuid, uuidToBytes, verifyEd25519, type UserId } from '../../../protocol/src/index.ts';
import { certify, makeKeyPair, signWith, type OwnKeys } from './identity.ts';
import { SealError } from './sealer.ts';

/*
 * The account's keys in a backup (E2E10): user 16 | account key 32 | its private half 32, AES-256-GCM under a key that comes from the recovery
 * phrase alone, 12 random bytes of nonce before it. The server, which keeps it, can guess no phrase of 256 bits.
 */
type Bytes = Uint8Array<ArrayBuffer>;
const PLAIN = 16 + 32 + 32;
const IV = 12;
const label = new TextEncoder().encode('conclave recovery keys v1');

export async function sealAccountKeys({ user, accountKey, accountPrivate }: OwnKeys, key: Uint8Array): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const plain = Uint8Array.of(...uuidToBytes(user), ...accountKey, ...accountPrivate);
  const about = { name: 'AES-GCM', iv, additionalData: label };
  return Uint8Array.of(...iv, ...new Uint8Array(await crypto.subtle.encrypt(about, await imported(key, 'encrypt'), plain)));
}

/** Keys of a new device, which the account's key of the backup signs. Throws SealError `bad-link` when they do not open or do not fit. */
export async function keysFromBackup(user: UserId, key: Uint8Array, sealed: Uint8Array): Promise<OwnKeys> {
  const plain = await opened(key, sealed);
  const [accountKey, accountPrivate] = [plain.slice(16, 48), plain.slice(48)];
  if (bytesToUuid(plain) !== user) throw new SealError('bad-link', 'the backup is of another account');
  const proof = await signWith(accountPrivate, label);
  if (!(await verifyEd25519(accountKey, proof, label))) throw new SealError('bad-link', 'the account’s key does not fit');
  const device = await makeKeyPair();
  const signature = await certify(user, { publicKey: accountKey, privateKey: accountPrivate }, device.publicKey);
  return { user, deviceKey: device.publicKey, devicePrivate: device.privateKey, accountKey, accountPrivate, signature };
}

async function opened(key: Uint8Array, sealed: Uint8Array): Promise<Bytes> {
  try {
    const about = { name: 'AES-GCM', iv: sealed.slice(0, IV), additionalData: label };
    const plain = new Uint8Array(await crypto.subtle.decrypt(about, await imported(key, 'decrypt'), sealed.slice(IV)));
    if (plain.length === PLAIN) return plain;
  } catch {
    // not this key: said below
  }
  throw new SealError('bad-link', 'the backup does not open with this phrase');
}

function imported(key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, [use]);
}
