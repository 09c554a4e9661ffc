import { StoreError } from './store.ts';

/*
 * The data key of a database lies beside it, wrapped once for each lock that opens it (ACC16). Without a lock of the person's own there is one
 * of the browser's: a key that can be used but never read. With one, the browser's is taken away, and nothing on this device opens the data
 * alone: a passphrase (PBKDF2) or what a passkey answers (WebAuthn PRF, HKDF) does.
 */
type Bytes = Uint8Array<ArrayBuffer>;
type Wrapped = { iv: Bytes; wrapped: ArrayBuffer };
export type Lock =
  | ({ by: 'browser'; wrapping: CryptoKey } & Wrapped)
  | ({ by: 'passphrase'; salt: Bytes; iterations: number } & Wrapped)
  | ({ by: 'passkey'; credential: string; salt: Bytes } & Wrapped);
export type KeyRow = { id: 'data'; locks: Lock[] };
/** As it was before people could lock. */
export type OldKeyRow = { id: 'data'; wrapping: CryptoKey } & Wrapped;

/** What a person brings to open: `secret` is the passkey's PRF output for the lock's salt. */
export type Unlock = { passphrase: string } | { credential: string; secret: Uint8Array };
/** A lock of the person's own to be made. */
export type NewLock = { by: 'passphrase'; passphrase: string } | { by: 'passkey'; credential: string; salt: Bytes; secret: Uint8Array };
/** What is to be different: a kind that is added replaces the one of its kind. */
export type LockChange = { add: NewLock } | { drop: NewLock['by'] };

/** OWASP Password Storage Cheat Sheet asks 600,000 of PBKDF2-HMAC-SHA256. */
const ITERATIONS = 1_000_000;
const IV = 12;
const SALT = 32;
const aes = { name: 'AES-GCM', length: 256 } as const;
const uses: KeyUsage[] = ['wrapKey', 'unwrapKey'];
const utf8 = new TextEncoder();

export async function makeKeyRow(): Promise<KeyRow> {
  const dataKey = await crypto.subtle.generateKey(aes, true, ['encrypt', 'decrypt']);
  return { id: 'data', locks: [await wrapFor(dataKey, { by: 'browser' })] };
}

export function keyRowOf(row: KeyRow | OldKeyRow): KeyRow {
  if ('locks' in row) return row;
  const { wrapping, iv, wrapped } = row;
  return { id: 'data', locks: [{ by: 'browser', wrapping, iv, wrapped }] };
}

/** The data key, usable and not readable. Throws StoreError `locked` when nothing that was brought opens it. */
export function openRow(row: KeyRow, unlock?: Unlock): Promise<CryptoKey> {
  return unwrap(row, unlock, false);
}

/** The row with other locks. The browser's own goes with the first of the person's, and comes back with the last. Throws like openRow. */
export async function relocked(row: KeyRow, unlock: Unlock | undefined, change: LockChange): Promise<KeyRow> {
  const dataKey = await unwrap(row, unlock, true);
  const gone = 'add' in change ? change.add.by : change.drop;
  const locks = row.locks.filter(({ by }) => by !== gone && by !== 'browser');
  if ('add' in change) locks.push(await wrapFor(dataKey, change.add));
  return { id: 'data', locks: locks.length ? locks : [await wrapFor(dataKey, { by: 'browser' })] };
}

export const newSalt = (): Bytes => crypto.getRandomValues(new Uint8Array(SALT));

async function unwrap({ locks }: KeyRow, unlock: Unlock | undefined, extractable: boolean): Promise<CryptoKey> {
  for (const lock of locks) {
    const wrapping = await wrappingKey(lock, unlock);
    if (!wrapping) continue;
    const { iv, wrapped } = lock;
    try {
      return await crypto.subtle.unwrapKey('raw', wrapped, wrapping, { name: 'AES-GCM', iv }, 'AES-GCM', extractable, [
        'encrypt',
        'decrypt',
      ]);
    } catch (error) {
      if (lock.by === 'browser') throw new StoreError('locked', 'the key of this database does not open', { cause: error });
    }
  }
  throw new StoreError('locked', unlock ? 'this does not open what is stored here' : 'what is stored here is locked');
}

async function wrapFor(dataKey: CryptoKey, lock: NewLock | { by: 'browser' }): Promise<Lock> {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const wrap = (wrapping: CryptoKey) => crypto.subtle.wrapKey('raw', dataKey, wrapping, { name: 'AES-GCM', iv });
  if (lock.by === 'browser') {
    const wrapping = await crypto.subtle.generateKey(aes, false, uses);
    return { by: 'browser', wrapping, iv, wrapped: await wrap(wrapping) };
  }
  if (lock.by === 'passkey') {
    const { credential, salt, secret } = lock;
    return { by: 'passkey', credential, salt, iv, wrapped: await wrap(await ofSecret(secret, salt)) };
  }
  const salt = newSalt();
  return { by: 'passphrase', salt, iterations: ITERATIONS, iv, wrapped: await wrap(await ofPassphrase(lock.passphrase, salt, ITERATIONS)) };
}

async function wrappingKey(lock: Lock, unlock: Unlock | undefined): Promise<CryptoKey | null> {
  if (lock.by === 'browser') return lock.wrapping;
  if (lock.by === 'passphrase')
    return unlock && 'passphrase' in unlock ? ofPassphrase(unlock.passphrase, lock.salt, lock.iterations) : null;
  return unlock && 'secret' in unlock && unlock.credential === lock.credential ? ofSecret(unlock.secret, lock.salt) : null;
}

async function ofPassphrase(passphrase: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8.encode(passphrase.normalize('NFC').trim()), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, material, aes, false, uses);
}

async function ofSecret(secret: Uint8Array, salt: Bytes): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret as Bytes, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode('conclave local lock v1') },
    material,
    aes,
    false,
    uses,
  );
}
