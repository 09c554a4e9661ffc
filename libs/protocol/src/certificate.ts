import { bytesToUuid, uuidToBytes, type DeviceId, type UserId } from './ids.ts';

/*
 * A device belongs to an account by signature (E2E4): the account's Ed25519 key, made on the first device and never on the
 * server, signs the device's key. The certificate is the identity of the MLS basic credential; the device's key is the
 * signature key of the leaf.
 *
 *   credential identity   01 | user 16 | account key 32 | signature 64
 *   what is signed        "conclave device v1\0" | user 16 | account key 32 | device key 32
 */
export type Certificate = { user: UserId; accountKey: Uint8Array; signature: Uint8Array };

const label = new TextEncoder().encode('conclave device v1\0');

export function certificateStatement(user: UserId, accountKey: Uint8Array, deviceKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(label.length + 80);
  out.set(label);
  out.set(uuidToBytes(user), label.length);
  out.set(accountKey, label.length + 16);
  out.set(deviceKey, label.length + 48);
  return out;
}

const loginLabel = new TextEncoder().encode('conclave device login v1\0');

/**
 * What a device key signs to sign in (ACC9): the label, the server's own key (32), the device's id (16), the challenge (32). With the server's
 * key in it, a challenge that another server passes on opens nothing here.
 */
export function deviceLoginStatement(serverKey: Uint8Array, device: DeviceId, challenge: Uint8Array): Uint8Array<ArrayBuffer> {
  if (serverKey.length !== 32 || challenge.length !== 32) throw new RangeError('a server key and a challenge have 32 bytes each');
  const out = new Uint8Array(loginLabel.length + 80);
  out.set(loginLabel);
  out.set(serverKey, loginLabel.length);
  out.set(uuidToBytes(device), loginLabel.length + 32);
  out.set(challenge, loginLabel.length + 48);
  return out;
}

export function encodeCertificate({ user, accountKey, signature }: Certificate): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(113);
  out[0] = 1;
  out.set(uuidToBytes(user), 1);
  out.set(accountKey, 17);
  out.set(signature, 49);
  return out;
}

/** Throws RangeError on anything but the 113 bytes above. */
export function decodeCertificate(identity: Uint8Array): Certificate {
  if (identity.length !== 113 || identity[0] !== 1) throw new RangeError('not a device certificate');
  return { user: bytesToUuid(identity, 1), accountKey: identity.slice(17, 49), signature: identity.slice(49) };
}

/** True when `accountKey` signed `deviceKey` for `user`. Never throws: a broken key or signature is just false. */
export async function verifyCertificate(certificate: Certificate, deviceKey: Uint8Array): Promise<boolean> {
  const { user, accountKey, signature } = certificate;
  if (accountKey.length !== 32 || deviceKey.length !== 32) return false;
  return verifyEd25519(accountKey, signature, certificateStatement(user, accountKey, deviceKey));
}

/** Ed25519 over WebCrypto. Never throws: a key that is none verifies nothing. */
export async function verifyEd25519(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature as Uint8Array<ArrayBuffer>, message as Uint8Array<ArrayBuffer>);
  } catch {
    return false;
  }
}

/** The id of a device: the first 16 bytes of SHA-256 of its key, as UUID. */
export async function deviceIdOf(deviceKey: Uint8Array): Promise<DeviceId> {
  return bytesToUuid(new Uint8Array(await crypto.subtle.digest('SHA-256', deviceKey as Uint8Array<ArrayBuffer>)));
}
