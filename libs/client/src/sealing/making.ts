import { decodeMlsMessage } from 'ts-mls/message.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import type { DeviceId, Entry, RoomId } from '../../../protocol/src/index.ts';
import {
  followCommit,
  leavesOf,
  makeRemoveProposal,
  openGroupInfo,
  readKeyPackage,
  type PublicGroup,
} from '../../../mls-wire/src/index.ts';
import { sha256 } from './digest.ts';
import { sameBytes } from '../same-bytes.ts';
import { goneBy, pendingRemoves, plainLeaf } from './follow.ts';
import type { Group } from './group-state.ts';
import type { OwnKeys } from './identity.ts';
import { foundGroup } from './mls/found.ts';
import { commitExternally } from './mls/join-by-commit.ts';
import { makeCommit, makeGroupInfo } from './mls/make-commit.ts';
import { publicOf, type NextEpoch } from './mls/member.ts';
import type { Pending } from './pending.ts';
import type { RoomPsk } from './room-passwords.ts';
import { SealError, type Bundle } from './sealer.ts';
import { meaning } from './seal-errors.ts';

const nothing = new Uint8Array();

/** A new group with this device alone. */
export async function makeFounding(own: OwnKeys, room: RoomId, generation: number, serverKey: Uint8Array, entry: Entry): Promise<Pending> {
  const next = await foundGroup(own, room, generation, serverKey, entry);
  const groupInfo = await makeGroupInfo(next.member, own.devicePrivate);
  const added = (await leavesOf(publicOf(next.member, serverKey))).map(plainLeaf);
  const step = { next, generation, epoch: 0, serverKey: serverKey.slice(), gone: [], ownUpdate: true };
  return { kind: 'found', step, bundle: { commit: nothing, welcome: nothing, groupInfo }, hash: nothing, added, removed: [] };
}

/** An external commit, judged by the rules that everybody else will judge it by. */
export async function makeExternalJoin(
  own: OwnKeys,
  room: RoomId,
  groupInfo: Uint8Array,
  admission: Uint8Array,
  serverKey: Uint8Array,
  resync: boolean,
): Promise<Pending> {
  const { group, externalPub } = await meaning('invalid-commit', 'the group cannot be joined', () => openGroupInfo(groupInfo, serverKey));
  if (group.room !== room) throw new SealError('wrong-group', 'the group of another room');
  const old = (await leavesOf(group)).find(({ deviceKey }) => sameBytes(deviceKey, own.deviceKey));
  if (old !== undefined && !resync) throw new SealError('invalid-commit', 'this device is in the group already');
  const made = await commitExternally(own, group, externalPub, old?.leaf, admission);
  return judged('external', group, made);
}

/** Pending Removes, Adds of these key packages, the key of the room's password, and fresh keys. */
export async function makeMemberCommit(own: OwnKeys, group: Group, keyPackages: Uint8Array[], psk: RoomPsk | null): Promise<Pending> {
  if (group.removing.some(({ leaf }) => leaf === group.member.path.leafIndex))
    throw new SealError('removal-pending', 'this device is being removed');
  const adds = await Promise.all(keyPackages.map(readAdd));
  const removes = await pendingRemoves(group);
  const made = await meaning('invalid-commit', 'a key package does not fit the group', () =>
    makeCommit(group.member, own.devicePrivate, adds, removes, psk),
  );
  return judged('commit', publicOf(group.member, group.serverKey), made);
}

/** The group as its external sender sees it who wants these devices out; refused where another is the external sender. */
export async function withOwnRemoves(group: Group, own: OwnKeys, devices: DeviceId[]): Promise<Group> {
  if (devices.length === 0) return group;
  const known = publicOf(group.member, group.serverKey);
  const leaves = (await leavesOf(known)).filter(({ device }) => devices.includes(device));
  const key = { privateKey: own.devicePrivate, publicKey: own.deviceKey };
  const removing = await meaning('invalid-commit', 'only the sequencer removes by its own word', () =>
    Promise.all(leaves.map(async ({ leaf }) => ({ leaf, proposal: await makeRemoveProposal(known, leaf, key) }))),
  );
  return { ...group, removing: [...group.removing, ...removing] };
}

function readAdd(bytes: Uint8Array): Promise<KeyPackage> {
  return meaning('invalid-commit', 'a key package is not valid', async () => {
    await readKeyPackage(bytes);
    const message = decodeMlsMessage(bytes.slice(), 0)?.[0];
    if (message?.wireformat !== 'mls_key_package') throw new RangeError('not a key package');
    return message.keyPackage;
  });
}

async function judged(kind: 'external' | 'commit', before: PublicGroup, made: { bundle: Bundle; next: NextEpoch }): Promise<Pending> {
  const { bundle, next } = made;
  const applied = await meaning('invalid-commit', 'others would refuse this commit', () => followCommit(before, bundle.commit));
  const added = applied.added.map(plainLeaf);
  const removed = applied.removed.map(plainLeaf);
  const step = {
    next,
    generation: before.generation,
    epoch: before.epoch + 1,
    serverKey: before.serverKey.slice(),
    gone: goneBy({ added, removed }),
    ownUpdate: true,
  };
  return { kind, step, bundle, hash: await sha256(bundle.commit), added, removed };
}
