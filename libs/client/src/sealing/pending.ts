import type { RoomId } from '../../../protocol/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import { decodeMember, decodeRatchets, encodeMember, encodeRatchets, pendingKey, type MemberRow } from './group-rows.ts';
import type { Step } from './advance.ts';
import type { Bundle, Leaf } from './sealer.ts';

/** What this device made and the server has not ordered yet. Kept apart: nothing is ever built on it. */
export type Pending = {
  kind: 'found' | 'external' | 'commit';
  step: Step;
  bundle: Bundle;
  /** SHA-256 of the commit; empty when founding. */
  hash: Uint8Array;
  added: Leaf[];
  removed: Leaf[];
};

type PendingRow = MemberRow & {
  kind: Pending['kind'];
  generation: number;
  epoch: number;
  serverKey: Uint8Array;
  gone: Uint8Array[];
  ratchets: Uint8Array;
  commit: Uint8Array;
  welcome: Uint8Array;
  groupInfo: Uint8Array;
  hash: Uint8Array;
  added: Leaf[];
  removed: Leaf[];
};

export function pendingWrite(room: RoomId, { kind, step, bundle, hash, added, removed }: Pending): Write {
  const { generation, epoch, serverKey, gone, next } = step;
  const value: PendingRow = {
    ...encodeMember(next.member),
    ...bundle,
    kind,
    generation,
    epoch,
    serverKey,
    gone,
    ratchets: encodeRatchets(next.ratchets),
    hash,
    added,
    removed,
  };
  return { table: 'groups', key: pendingKey(room), value };
}

export async function loadPending(store: Store, room: RoomId): Promise<Pending | null> {
  const row = await store.get<PendingRow>('groups', pendingKey(room));
  if (row === undefined) return null;
  const { kind, generation, epoch, serverKey, gone, commit, welcome, groupInfo, hash, added, removed } = row;
  const next = { member: decodeMember(row), ratchets: decodeRatchets(row.ratchets), consumed: [] };
  const step: Step = { next, generation, epoch, serverKey, gone, ownUpdate: true };
  return { kind, step, bundle: { commit, welcome, groupInfo }, hash, added, removed };
}

export const noPending = (room: RoomId): Write => ({ table: 'groups', key: pendingKey(room), value: undefined });
