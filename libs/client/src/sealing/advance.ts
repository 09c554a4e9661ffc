import type { RoomId } from '../../../protocol/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import { allChunkWrites, chunksOf, markKey } from './group-rows.ts';
import { currentEpoch, dropWrites, groupWrite, loadPast, pastWrite, type Epoch, type Group, type Past } from './group-state.ts';
import type { NextEpoch } from './mls/member.ts';

/** Past epochs stay three deep or two minutes, whichever is longer, at most 64 (delivery.md D5). */
const DEEP = 3;
const LONG_MS = 2 * 60_000;
const MOST = 64;

export type Step = {
  next: NextEpoch;
  generation: number;
  epoch: number;
  serverKey: Uint8Array;
  /** Signature keys of devices that are no longer in the group. */
  gone: Uint8Array[];
  /** This device brought fresh keys of its own by this step. */
  ownUpdate: boolean;
  joinedBy?: Uint8Array;
};

/** The group after a step, and the writes that make it so. The old one stays what it is until they are stored. */
export async function advance(store: Store, room: RoomId, group: Group | null, step: Step): Promise<{ group: Group; writes: Write[] }> {
  const { next, generation, epoch, serverKey, ownUpdate } = step;
  const continues = group !== null && group.generation === generation && group.epoch < epoch; // an epoch that was there already is of another group
  const kept = continues ? await keepPast(store, room, group, step.gone) : { past: [], writes: forgetWrites(room, group) };
  const after: Group = {
    generation,
    epoch,
    serverKey,
    member: next.member,
    ratchets: next.ratchets,
    mark: 0,
    sealedBefore: ownUpdate || !continues ? 0 : sealedSinceUpdate(group),
    updatedAt: ownUpdate || !continues ? Date.now() : group.updatedAt,
    removing: [],
    past: kept.past,
    joinedBy: step.joinedBy ?? (continues ? group.joinedBy : new Uint8Array()),
  };
  return { group: after, writes: [...kept.writes, ...allChunkWrites(room, epoch, after.ratchets), groupWrite(room, after)] };
}

export function sealedSinceUpdate({ sealedBefore, ratchets, member }: Group): number {
  return sealedBefore + (ratchets[member.path.leafIndex]?.generation ?? 0);
}

/** Every row of a group. */
export function forgetWrites(room: RoomId, group: Group | null): Write[] {
  if (group === null) return [];
  const epochs = [...group.past, { epoch: group.epoch, chunks: chunksOf(group.ratchets) }];
  return [...epochs.flatMap((past) => dropWrites(room, past)), { table: 'groups', key: room, value: undefined }];
}

async function keepPast(store: Store, room: RoomId, group: Group, gone: Uint8Array[]): Promise<{ past: Past[]; writes: Write[] }> {
  const now = Date.now();
  const ended: Past = { epoch: group.epoch, endedAt: now, chunks: chunksOf(group.ratchets) };
  const all = [...group.past, ended].sort((a, b) => b.epoch - a.epoch);
  const kept = all.filter(({ endedAt }, depth) => depth < MOST && (depth < DEEP || now - endedAt < LONG_MS));
  const writes = all.filter((past) => !kept.includes(past)).flatMap((past) => dropWrites(room, past));
  const current = currentEpoch(group);
  const silent = withoutOwn(current, group.member.path.leafIndex);
  const endedNow = deleteRatchets(silent, gone) ?? silent;
  writes.push(pastWrite(room, endedNow), ...allChunkWrites(room, endedNow.epoch, endedNow.ratchets));
  writes.push({ table: 'epochs', key: markKey(room, group.epoch), value: undefined });
  for (const past of gone.length > 0 ? kept.filter((one) => one !== ended) : []) {
    const without = deleteRatchets(await loadPast(store, room, past), gone);
    if (without) writes.push(...allChunkWrites(room, past.epoch, without.ratchets));
  }
  return { past: kept, writes };
}

/** One never opens one's own: the sending ratchet of an ended epoch is of no use to anyone but a thief. */
function withoutOwn(epoch: Epoch, own: number): Epoch {
  return { ...epoch, ratchets: epoch.ratchets.map((ratchet, leaf) => (leaf === own ? null : ratchet)) };
}

/** Null when none of these devices had a ratchet. */
function deleteRatchets(epoch: Epoch, gone: Uint8Array[]): Epoch | null {
  const isGone = (leaf: number) => {
    const node = epoch.tree[2 * leaf];
    return node?.nodeType === 'leaf' && gone.some((key) => key.every((byte, i) => byte === node.leaf.signaturePublicKey[i]));
  };
  const ratchets = epoch.ratchets.map((ratchet, leaf) => (ratchet !== null && isGone(leaf) ? null : ratchet));
  return ratchets.some((ratchet, leaf) => ratchet !== epoch.ratchets[leaf]) ? { ...epoch, ratchets } : null;
}
