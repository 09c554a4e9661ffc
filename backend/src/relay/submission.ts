import { createHash } from 'node:crypto';
import { ConclaveError, limits, type DeviceId, type ErrorCode, type Submission } from '../../../libs/protocol/src/index.ts';
import { sealedAt } from '../groups/sealed-at.ts';
import type { RoomGroup } from '../groups/room-group.ts';
import { holdUp, type Place } from './lanes.ts';

/** An envelope on its way into the database. */
export type Accepted = {
  place: Place;
  author: DeviceId;
  eid: Buffer;
  generation: number;
  epoch: number;
  recipients: DeviceId[];
  ciphertext: Uint8Array;
  at: number;
};

/** A refusal that also names the epoch to seal at. */
export class StaleEpoch extends ConclaveError {
  constructor(readonly epoch: number) {
    super('stale-epoch', `sealed at an epoch that is not current: follow the group to epoch ${epoch} and seal again`);
  }
}

export function examine({ recipients, ciphertext }: Submission, place: Place, group: RoomGroup): Accepted {
  const author = place.connection.speaker!.device;
  const { room, generation, epoch } = sealedAt(ciphertext);
  if (room !== place.room) throw new ConclaveError('bad-frame', 'these bytes were sealed for another room');
  if (group.epoch < 0) throw new ConclaveError('no-group', 'this room has no group yet');
  requireEpoch(generation, epoch, group, group.removing.length > 0);
  for (const device of [author, ...recipients]) {
    if (!group.isLeafAt(device, epoch)) throw new ConclaveError('not-a-leaf', 'author or a recipient was not in the group at this epoch');
  }
  const eid = createHash('sha256').update(ciphertext).digest();
  return { place, author, eid, generation, epoch, recipients: [...new Set(recipients)], ciphertext, at: Date.now() };
}

/** Current or a little behind, never across a removal (delivery.md D5). */
export function requireEpoch(
  generation: number,
  epoch: number,
  now: { generation: number; epoch: number; acceptFrom: number },
  removing: boolean,
): void {
  const oldest = Math.max(now.acceptFrom, now.epoch - limits.relayEpochsBehind);
  if (generation !== now.generation || epoch > now.epoch || epoch < oldest) throw new StaleEpoch(now.epoch);
  if (removing) throw new ConclaveError('removal-pending', 'a device must be removed first: commit the removal, then seal again');
}

/** Where an earlier one has been refused meanwhile, this one only follows it. */
export function refuse(place: Place, error: ConclaveError): void {
  if (!holdUp(place)) return tellResubmit(place);
  tellRefused(place, error.code, error.message, {
    ...(error instanceof StaleEpoch ? { epoch: error.epoch } : {}),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

export function tellResubmit(place: Pick<Place, 'connection' | 'room' | 'n'>): void {
  tellRefused(place, 'resubmit', 'an earlier submission was refused: send from there on, or skip it');
}

export function tellRefused(
  { connection, room, n }: Pick<Place, 'connection' | 'room' | 'n'>,
  code: ErrorCode,
  text: string,
  more: { epoch?: number; retryAfterMs?: number } = {},
): void {
  connection.tell({ type: 'refused', room, n, code, text, ...more });
}
