import { uuidToBytes, verifyEd25519, type DeviceId, type RoomId } from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { Mandate, Signed } from './messages.ts';

const utf8 = new TextEncoder();

/* What a device signs about a private conversation. Each has its own label: a signature under one says nothing about another. */

/** "I have seen this commit as the one for this epoch, and shall acknowledge no other." `hash`: SHA-256 of the commit. */
export function ackStatement(id: RoomId, generation: number, epoch: number, hash: Uint8Array): Uint8Array<ArrayBuffer> {
  return statement('ack', id, [generation, epoch], hash);
}

/** "I take part in this generation no more." */
export function departureStatement(id: RoomId, generation: number): Uint8Array<ArrayBuffer> {
  return statement('departure', id, [generation], new Uint8Array());
}

/** "This device may sequence this generation, and I shall acknowledge nothing of an earlier one." */
export function voteStatement(id: RoomId, generation: number, candidate: DeviceId): Uint8Array<ArrayBuffer> {
  return statement('vote', id, [generation], uuidToBytes(candidate));
}

function statement(what: string, id: RoomId, numbers: number[], rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const label = utf8.encode(`conclave private ${what} v1\0`);
  const out = new Uint8Array(label.length + 16 + 4 * numbers.length + rest.length);
  out.set(label);
  out.set(uuidToBytes(id), label.length);
  const view = new DataView(out.buffer);
  numbers.forEach((number, i) => view.setUint32(label.length + 16 + 4 * i, number));
  out.set(rest, label.length + 16 + 4 * numbers.length);
  return out;
}

/**
 * True when more than half of these leaves are for it: by a vote over `said`, or because they have signed that they are gone. Two majorities
 * share a device, and none signs two things for one place: so no epoch ever gets two commits, and no generation two sequencers.
 */
export async function hasMajority(leaves: readonly Leaf[], mandate: Mandate, said: Uint8Array, gone: Uint8Array): Promise<boolean> {
  const by = new Map(leaves.map((leaf) => [leaf.device, leaf.deviceKey]));
  const counted = new Set<DeviceId>();
  const count = async (list: Signed[], bytes: Uint8Array) => {
    for (const { device, signature } of list) {
      const key = by.get(device);
      if (key && !counted.has(device) && (await verifyEd25519(key, signature, bytes))) counted.add(device);
    }
  };
  await count(mandate.votes, said);
  await count(mandate.departures, gone);
  return counted.size * 2 > leaves.length;
}
