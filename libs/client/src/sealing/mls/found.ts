import { createGroup } from 'ts-mls/clientState.js';
import { generateKeyPackageWithKey, type KeyPackage, type PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { encodeCertificate, groupIdOf, type Entry, type RoomId } from '../../../../protocol/src/index.ts';
import { externalSenders, suite, SUITE } from '../../../../mls-wire/src/index.ts';
import type { OwnKeys } from '../identity.ts';
import { clientConfig, fromClientState, ratchetsOf, type NextEpoch } from './member.ts';

const DAY = 24 * 60 * 60;

/** A key package of this device: explicit lifetime and capabilities, no extensions, no grease. */
export async function makeKeyPackage(
  own: OwnKeys,
  days: number,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  const now = Math.floor(Date.now() / 1000);
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity: encodeCertificate(own) },
    { versions: ['mls10'], ciphersuites: [SUITE], extensions: [], proposals: [], credentials: ['basic'] },
    { notBefore: BigInt(now - DAY), notAfter: BigInt(now + days * DAY) }, // a day back: clocks differ
    [],
    { signKey: own.devicePrivate, publicKey: own.deviceKey },
    await suite(),
  );
}

/** A group with this device alone; the server is its external sender. */
export async function foundGroup(own: OwnKeys, room: RoomId, generation: number, serverKey: Uint8Array, entry: Entry): Promise<NextEpoch> {
  const { publicPackage, privatePackage } = await makeKeyPackage(own, 90);
  const extensions = externalSenders(serverKey);
  const groupId = groupIdOf(room, generation, entry);
  const state = await createGroup(groupId, publicPackage, privatePackage, extensions, await suite(), clientConfig);
  const ratchets = ratchetsOf(state.ratchetTree, state.secretTree);
  return { member: fromClientState(state), ratchets, consumed: [] };
}
