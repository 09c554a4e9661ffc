import { decodeMlsMessage } from 'ts-mls/message.js';
import { type Welcome } from 'ts-mls/welcome.js';
import type { RoomId } from '../../../protocol/src/index.ts';
import { leavesOf, openGroupInfo } from '../../../mls-wire/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import type { Step } from './advance.ts';
import { sha256 } from './digest.ts';
import { sameBytes } from '../same-bytes.ts';
import { plainLeaf } from './follow.ts';
import type { Group } from './group-state.ts';
import type { OwnKeys } from './identity.ts';
import { findPrivateHalf } from './key-package-store.ts';
import { openWelcome } from './mls/join-by-welcome.ts';
import type { RoomPasswords } from './room-passwords.ts';
import { SealError, type EpochChange, type Leaf } from './sealer.ts';
import { meaning } from './seal-errors.ts';

export type Joining = { change: EpochChange; step: Step; used: Write[] } | { change: EpochChange; step: null };

/** Where it is read: what this device is, and has of the room. */
type Here = { store: Store; own: OwnKeys; room: RoomId; before: Group | null; after: number | undefined; passwords: RoomPasswords };

/** What a Welcome makes of this device; `step: null` when it was joined by this very Welcome before. */
export async function readWelcome(
  { store, own, room, before: group, after, passwords }: Here,
  welcome: Uint8Array,
  groupInfo: Uint8Array,
  serverKey: Uint8Array,
): Promise<Joining> {
  const joinedBy = await sha256(welcome);
  const { group: target } = await meaning('bad-welcome', 'the group info does not hold', () => openGroupInfo(groupInfo, serverKey));
  if (target.room !== room) throw new SealError('wrong-group', 'a Welcome to another room');
  const { generation, epoch } = target;
  const leaf = ownLeaf(await leavesOf(target), own);
  const added = [plainLeaf(leaf)];
  const change: EpochChange = { generation, epoch, added, removed: [], removedSelf: false };
  if (group !== null && sameBytes(group.joinedBy, joinedBy)) return { change, step: null };
  const again = group?.generation === generation;
  // The server could hand over an old one, made for its last-resort key package, once more.
  if (group !== null && (generation < group.generation || (again && epoch <= (after ?? group.epoch))))
    throw new SealError('bad-welcome', 'the Welcome is older than the group');
  const message = decodeWelcome(welcome);
  const half = await findPrivateHalf(store, message);
  if (half === null) throw new SealError('bad-welcome', 'made for a key package this device does not have');
  const next = await meaning('bad-welcome', 'the Welcome cannot be opened', () =>
    openWelcome(message, half.ref, half.own, target, (id) => passwords.named(id, 'bad-welcome')),
  );
  const step: Step = { next, generation, epoch, serverKey: serverKey.slice(), gone: [], ownUpdate: true, joinedBy };
  return { change: again ? { ...change, removed: added } : change, step, used: half.used }; // in place of the leaf it had
}

function ownLeaf(leaves: Leaf[], own: OwnKeys): Leaf {
  const leaf = leaves.find(({ deviceKey }) => sameBytes(deviceKey, own.deviceKey));
  if (leaf === undefined) throw new SealError('bad-welcome', 'this device is not in the group');
  return leaf;
}

function decodeWelcome(bytes: Uint8Array): Welcome {
  try {
    const message = decodeMlsMessage(bytes.slice(), 0)?.[0];
    if (message?.wireformat === 'mls_welcome') return message.welcome;
  } catch (error) {
    throw new SealError('bad-welcome', 'not a Welcome', { cause: error });
  }
  throw new SealError('bad-welcome', 'not a Welcome');
}
