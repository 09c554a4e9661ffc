import {
  fromBase64url,
  invitationStatement,
  invitedStatement,
  verifyEd25519,
  type Invitation,
  type RoomId,
} from '../../../protocol/src/index.ts';
import type { Leaf, Sealer } from '../sealing/sealer.ts';

/** What a link's seed gives (protocol/invitation.ts): the half for the server, and the key that vouches for whoever holds the link. */
export type InvitationKeys = {
  publicKey: Uint8Array;
  secret: Uint8Array;
  /** SHA-256 of `secret`: all that the server keeps. */
  secretHash: Uint8Array;
  /** Signs, and cannot be read. */
  privateKey: CryptoKey;
};

const utf8 = new TextEncoder();
/** PKCS#8 of an Ed25519 key up to its 32 bytes (RFC 8410). */
const head = Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20);

/** `seed`: 32 random bytes. Throws RangeError. */
export async function invitationKeys(seed: Uint8Array): Promise<InvitationKeys> {
  if (seed.length !== 32) throw new RangeError('a seed has 32 bytes');
  const secret = await derived(seed, 'conclave invitation secret');
  const secretHash = new Uint8Array(await crypto.subtle.digest('SHA-256', secret));
  const pkcs8 = new Uint8Array([...head, ...(await derived(seed, 'conclave invitation key'))]);
  const [privateKey, readable] = await Promise.all([importKey(pkcs8, false), importKey(pkcs8, true)]);
  const { x } = await crypto.subtle.exportKey('jwk', readable);
  return { publicKey: fromBase64url(x!), secret, secretHash, privateKey };
}

/** The inviting device's signature. `expiresAt`: ms since 1970. */
export function signInvitation(sealer: Sealer, room: RoomId, publicKey: Uint8Array, expiresAt: number): Promise<Uint8Array> {
  return sealer.sign(invitationStatement(room, publicKey, expiresAt));
}

/** Who holds the link vouches with its key for their own account. */
export async function proofOf({ privateKey }: InvitationKeys, room: RoomId, accountKey: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, invitedStatement(room, accountKey)));
}

/**
 * A member's device invited this account into this room: its leaf is in the group now, with the key that signed, and it is not too late.
 * Whoever brings the invitation, the server included, cannot make one.
 */
export async function isInvited(
  invitation: Invitation,
  to: { room: RoomId; accountKey: Uint8Array; leaves: readonly Leaf[]; now: number },
): Promise<boolean> {
  const { room, publicKey, expiresAt, inviter, signature, proof } = invitation;
  const leaf = to.leaves.find(({ device }) => device === inviter);
  if (!leaf || room !== to.room || expiresAt <= to.now) return false;
  return (
    (await verifyEd25519(leaf.deviceKey, signature, invitationStatement(room, publicKey, expiresAt))) &&
    (await verifyEd25519(publicKey, proof, invitedStatement(room, to.accountKey)))
  );
}

async function derived(seed: Uint8Array, info: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', seed.slice(), 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256));
}

const importKey = (pkcs8: Uint8Array<ArrayBuffer>, extractable: boolean) =>
  crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', extractable, ['sign']);
