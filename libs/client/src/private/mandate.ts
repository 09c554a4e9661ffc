import { uuidToBytes, verifyEd25519, type DeviceId, type RoomId } from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { Departure, Mandate, Signed } from './messages.ts';

const utf8 = new TextEncoder();

/* What a device signs about a private conversation. Each has its own label: a signature under one says nothing about another. */

/** "I have seen this commit as the one for this epoch, and shall acknowledge no other." `hash`: SHA-256 of the commit. */
export function ackStatement(id: RoomId, generation: number, epoch: number, hash: Uint8Array): Uint8Array<ArrayBuffer> {
  return statement('ack', id, [generation, epoch], hash);
}

/** "I take part in this generation no more; the last I promised and acknowledged was this." */
export function departureStatement(
  id: RoomId,
  generation: number,
  { promised, acked }: Pick<Departure, 'promised' | 'acked'>,
): Uint8Array<ArrayBuffer> {
  return statement('departure', id, [generation, promised, acked], new Uint8Array());
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
 * True when more than half of these leaves are for it, not counting those who signed that they are gone and had said nothing about this
 * place (`neutral`). Whoever was for something else here is never neutral, so any two such majorities share a device, and none signs twice
 * for one place: no epoch ever gets two commits, and no generation two sequencers.
 */
export async function hasMajority(
  leaves: readonly Leaf[],
  { votes, departures }: Mandate,
  place: { id: RoomId; generation: number; said: Uint8Array; neutral: (departure: Departure) => boolean },
): Promise<boolean> {
  const keyOf = new Map(leaves.map((leaf) => [leaf.device, leaf.deviceKey]));
  const signedBy = async ({ device, signature }: Signed, bytes: Uint8Array) => {
    const key = keyOf.get(device);
    return key !== undefined && (await verifyEd25519(key, signature, bytes));
  };
  const gone = new Set<DeviceId>();
  for (const departure of departures)
    if (place.neutral(departure) && (await signedBy(departure, departureStatement(place.id, place.generation, departure))))
      gone.add(departure.device);
  const agreed = new Set<DeviceId>();
  for (const vote of votes) if (!gone.has(vote.device) && (await signedBy(vote, place.said))) agreed.add(vote.device);
  return agreed.size * 2 > leaves.length - gone.size;
}
