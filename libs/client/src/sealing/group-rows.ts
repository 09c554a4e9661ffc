import { decodeOptional, optionalEncoder } from 'ts-mls/codec/optional.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeVarLenType, varLenTypeEncoder } from 'ts-mls/codec/variableLength.js';
import { decodeGroupContext, encodeGroupContext } from 'ts-mls/groupContext.js';
import { decodeKeySchedule, keyScheduleEncoder } from 'ts-mls/keySchedule.js';
import { decodePrivateKeyPath, privateKeyPathEncoder } from 'ts-mls/privateKeyPath.js';
import { decodeRatchetTree, encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { decodeGenerationSecret, generationSecretEncoder } from 'ts-mls/secretTree.js';
import type { RoomId } from '../../../protocol/src/index.ts';
import type { Write } from '../storage/store.ts';
import type { Member, Ratchets } from './mls/member.ts';

/*
 * How key state lies in the store. A message moves one ratchet, so ratchets are rows of their own, sixteen leaves each:
 *
 *   groups   room                    the group at its current epoch
 *   groups   room/pending            what was made and waits for the server's word
 *   epochs   room/epoch              a past epoch: context, tree, sender data secret
 *   epochs   room/epoch/chunk        ratchets of an epoch, current or past
 *   epochs   room/epoch/own          how far this device's own ratchet may have gone: the mark of delivery.md D10
 */
export const CHUNK = 16;

export const pendingKey = (room: RoomId) => `${room}/pending`;
export const epochKey = (room: RoomId, epoch: number) => `${room}/${epoch.toString(16).padStart(14, '0')}`;
export const chunkKey = (room: RoomId, epoch: number, chunk: number) => `${epochKey(room, epoch)}/${chunk.toString(16).padStart(2, '0')}`;
export const markKey = (room: RoomId, epoch: number) => `${epochKey(room, epoch)}/own`;

export type MemberRow = { context: Uint8Array; tree: Uint8Array; schedule: Uint8Array; path: Uint8Array; tag: Uint8Array };

const encodeSchedule = encode(keyScheduleEncoder);
const encodePath = encode(privateKeyPathEncoder);
const encodeRatchetList = encode(varLenTypeEncoder(optionalEncoder(generationSecretEncoder)));
const decodeRatchetList = decodeVarLenType(decodeOptional(decodeGenerationSecret));

export function encodeMember({ context, tree, schedule, path, tag }: Member): MemberRow {
  return {
    context: encodeGroupContext(context),
    tree: encodeRatchetTree(tree),
    schedule: encodeSchedule(schedule),
    path: encodePath(path),
    tag: tag.slice(),
  };
}

export function decodeMember(row: MemberRow): Member {
  return {
    context: decode(decodeGroupContext, row.context),
    tree: decode(decodeRatchetTree, row.tree),
    schedule: decode(decodeKeySchedule, row.schedule),
    path: decode(decodePrivateKeyPath, row.path),
    tag: row.tag,
  };
}

export function encodeRatchets(ratchets: Ratchets): Uint8Array {
  return encodeRatchetList(ratchets.map((ratchet) => ratchet ?? undefined));
}

export function decodeRatchets(bytes: Uint8Array): Ratchets {
  return decode(decodeRatchetList, bytes).map((ratchet) => ratchet ?? null);
}

export const chunksOf = (ratchets: Ratchets) => Math.ceil(ratchets.length / CHUNK);

/** The row that holds one leaf's ratchet. */
export function chunkWrite(room: RoomId, epoch: number, ratchets: Ratchets, leaf: number): Write {
  const chunk = Math.floor(leaf / CHUNK);
  const value = encodeRatchets(ratchets.slice(chunk * CHUNK, (chunk + 1) * CHUNK));
  return { table: 'epochs', key: chunkKey(room, epoch, chunk), value };
}

export function allChunkWrites(room: RoomId, epoch: number, ratchets: Ratchets): Write[] {
  return Array.from({ length: chunksOf(ratchets) }, (_, chunk) => chunkWrite(room, epoch, ratchets, chunk * CHUNK));
}

/** Rows this device wrote itself: what cannot be read is damage, not input. */
function decode<T>(decoder: (bytes: Uint8Array, offset: number) => [T, number] | undefined, bytes: Uint8Array): T {
  const decoded = decoder(bytes.slice(), 0);
  if (decoded === undefined) throw new RangeError('stored key state is damaged');
  return decoded[0];
}
