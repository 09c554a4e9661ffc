import { ConclaveError, type RoomId } from '../../../libs/protocol/src/index.ts';
import type { Connection } from '../presence/connection.ts';

/*
 * Submissions are numbered per connection and room (delivery.md D4). After a refusal everything numbered later is refused too, also what
 * was on its way already, until that number comes again or is skipped: so one author's words are stored in the order they were said.
 */
type Lane = { next: number; /** Counts refusals: what was taken before one is not stored after it. */ term: number };
export type Place = { connection: Connection; room: RoomId; n: number; term: number };

/** More rooms than anybody is in: numbers are not kept for invented ones. */
const LANES = 2_000;

const lanes = new WeakMap<Connection, Map<RoomId, Lane>>();

function laneOf(connection: Connection, room: RoomId): Lane {
  const rooms = lanes.get(connection) ?? new Map<RoomId, Lane>();
  lanes.set(connection, rooms);
  const lane = rooms.get(room) ?? { next: 1, term: 0 };
  if (!rooms.has(room) && rooms.size >= LANES) throw new ConclaveError('bad-frame', 'room: too many rooms on one connection');
  rooms.set(room, lane);
  return lane;
}

/** The place of submission `n`, or null when another number is due. */
export function enter(connection: Connection, room: RoomId, n: number): Place | null {
  const lane = laneOf(connection, room);
  if (n !== lane.next) return null;
  lane.next++;
  return { connection, room, n, term: lane.term };
}

export function isDue(place: Place): boolean {
  return laneOf(place.connection, place.room).term === place.term;
}

/** From this number on the client must come again. */
export function holdUp({ connection, room, n }: Place): void {
  const lane = laneOf(connection, room);
  lane.next = n;
  lane.term++;
}

export function skip(connection: Connection, room: RoomId, n: number): void {
  const lane = laneOf(connection, room);
  if (lane.next === n) lane.next = n + 1;
}
