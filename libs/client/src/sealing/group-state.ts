import { type GroupContext, decodeGroupContext, encodeGroupContext } from 'ts-mls/groupContext.js';
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { ratchetUntil } from 'ts-mls/secretTree.js';
import type { RoomId } from '../../../protocol/src/index.ts';
import { suite } from '../../../mls-wire/src/index.ts';
import type { Store, Value, Write } from '../storage/store.ts';
import { chunkKey, decodeMember, decodeRatchets, encodeMember, epochKey, markKey, type MemberRow } from './group-rows.ts';
import { retention, type Member, type Ratchets } from './mls/member.ts';

/** What opening needs of an epoch. */
export type Epoch = { epoch: number; context: GroupContext; tree: RatchetTree; senderDataSecret: Uint8Array; ratchets: Ratchets };

/** A past epoch that is kept: when it ended, and how many ratchet rows it has. */
export type Past = { epoch: number; endedAt: number; chunks: number };

/** This device's group of a room. Never changed in place: the next one replaces it when it is stored. */
export type Group = {
  generation: number;
  epoch: number;
  serverKey: Uint8Array;
  member: Member;
  ratchets: Ratchets;
  /** Own generations below this may have left, whatever the stored ratchet says. */
  mark: number;
  /** Sealed since the last own update, before this epoch. */
  sealedBefore: number;
  /** When the last own update was, ms. */
  updatedAt: number;
  /** Pending Removes of this epoch. */
  removing: { leaf: number; proposal: Uint8Array }[];
  past: Past[];
  /** SHA-256 of the Welcome it was joined by; empty otherwise. */
  joinedBy: Uint8Array;
};

type GroupRow = MemberRow & {
  generation: number;
  epoch: number;
  serverKey: Uint8Array;
  sealedBefore: number;
  updatedAt: number;
  removing: { leaf: number; proposal: Uint8Array }[];
  past: Past[];
  joinedBy: Uint8Array;
};

type PastRow = { context: Uint8Array; tree: Uint8Array; senderDataSecret: Uint8Array };

export function groupWrite(room: RoomId, group: Group): Write {
  const { generation, epoch, serverKey, sealedBefore, updatedAt, removing, past, joinedBy } = group;
  const row: GroupRow = { ...encodeMember(group.member), generation, epoch, serverKey, sealedBefore, updatedAt, removing, past, joinedBy };
  return { table: 'groups', key: room, value: row };
}

export async function loadGroup(store: Pick<Store, 'get'>, room: RoomId): Promise<Group | null> {
  const row = await store.get<GroupRow>('groups', room);
  // The id of a group says who may come in (group-id.ts). One from before is no group any more: the server has this room founded anew.
  if (row === undefined || decodeMember(row).context.groupId.length < 21) return null;
  const mark = (await store.get<number>('epochs', markKey(room, row.epoch))) ?? 0;
  const member = decodeMember(row);
  const { generation, epoch, serverKey, sealedBefore, updatedAt, removing, past, joinedBy } = row;
  const ratchets = await loadRatchets(store, room, epoch, Math.ceil((member.tree.length + 1) / 2));
  await skipTo(ratchets, member.path.leafIndex, mark);
  return { generation, epoch, serverKey, member, ratchets, mark, sealedBefore, updatedAt, removing, past, joinedBy };
}

async function loadRatchets(store: Pick<Store, 'get'>, room: RoomId, epoch: number, leaves: number): Promise<Ratchets> {
  const chunks = Array.from({ length: Math.ceil(leaves / 16) }, (_, chunk) =>
    store.get<Uint8Array>('epochs', chunkKey(room, epoch, chunk)),
  );
  return (await Promise.all(chunks)).flatMap((bytes) => {
    if (bytes === undefined) throw new RangeError('stored key state is damaged');
    return decodeRatchets(bytes);
  });
}

/** After a crash: a generation that may have left is never used again (delivery.md D10). */
async function skipTo(ratchets: Ratchets, own: number, mark: number): Promise<void> {
  const ratchet = ratchets[own];
  if (!ratchet || ratchet.generation >= mark) return;
  const { kdf } = await suite();
  const [moved] = await ratchetUntil(ratchet, mark, retention, kdf);
  ratchets[own] = { ...moved, unusedGenerations: {} };
}

/** The current epoch as opening sees it. */
export function currentEpoch({ epoch, member, ratchets }: Group): Epoch {
  return { epoch, context: member.context, tree: member.tree, senderDataSecret: member.schedule.senderDataSecret, ratchets };
}

export function pastWrite(room: RoomId, { epoch, context, tree, senderDataSecret }: Epoch): Write {
  const value: Value = { context: encodeGroupContext(context), tree: encodeRatchetTree(tree), senderDataSecret: senderDataSecret.slice() };
  return { table: 'epochs', key: epochKey(room, epoch), value };
}

export async function loadPast(store: Pick<Store, 'get'>, room: RoomId, { epoch }: Past): Promise<Epoch> {
  const row = await store.get<PastRow>('epochs', epochKey(room, epoch));
  const tree = row && decodeRatchetTree(row.tree.slice(), 0)?.[0];
  const context = row && decodeGroupContext(row.context.slice(), 0)?.[0];
  if (!row || !tree || !context) throw new RangeError('stored key state is damaged');
  const ratchets = await loadRatchets(store, room, epoch, Math.ceil((tree.length + 1) / 2));
  return { epoch, context, tree, senderDataSecret: row.senderDataSecret, ratchets };
}

/** All rows of an epoch, gone. */
export function dropWrites(room: RoomId, { epoch, chunks }: Pick<Past, 'epoch' | 'chunks'>): Write[] {
  const keys = [epochKey(room, epoch), markKey(room, epoch), ...Array.from({ length: chunks }, (_, i) => chunkKey(room, epoch, i))];
  return keys.map((key) => ({ table: 'epochs', key, value: undefined }));
}
