import { certificateStatement, deviceIdOf, type UserId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import type { Identity } from './sealer.ts';

/** This device's certificate and keys; private keys are raw Ed25519, 32 bytes. */
export type OwnKeys = {
  user: UserId;
  deviceKey: Uint8Array;
  devicePrivate: Uint8Array;
  accountKey: Uint8Array;
  accountPrivate: Uint8Array;
  /** Account key over device key. */
  signature: Uint8Array;
};

export type KeyPair = { publicKey: Uint8Array; privateKey: Uint8Array };

const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

export async function makeKeyPair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  return { publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)), privateKey: pkcs8.slice(-32) };
}

/** Ed25519 with a raw private key. */
export async function signWith(privateKey: Uint8Array, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const pkcs8 = new Uint8Array(48);
  pkcs8.set(PKCS8);
  pkcs8.set(privateKey, 16);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes as Uint8Array<ArrayBuffer>));
}

/** A device key under an account key: the account's own device, or a new one being linked. */
export async function certify(user: UserId, account: KeyPair, deviceKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return signWith(account.privateKey, certificateStatement(user, account.publicKey, deviceKey));
}

/** Fresh keys of a first device. */
export async function makeOwnKeys(user: UserId): Promise<OwnKeys> {
  const [account, device] = await Promise.all([makeKeyPair(), makeKeyPair()]);
  return {
    user,
    deviceKey: device.publicKey,
    devicePrivate: device.privateKey,
    accountKey: account.publicKey,
    accountPrivate: account.privateKey,
    signature: await certify(user, account, device.publicKey),
  };
}

/** What may leave the sealer. */
export async function identityOf({ user, deviceKey, accountKey, signature }: OwnKeys): Promise<Identity> {
  return { user, device: await deviceIdOf(deviceKey), deviceKey, accountKey, signature };
}

export const OWN = 'own';

export async function loadOwnKeys(store: Pick<Store, 'get'>): Promise<OwnKeys | null> {
  return (await store.get<OwnKeys>('identity', OWN)) ?? null;
}
