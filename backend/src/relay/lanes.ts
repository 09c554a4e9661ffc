import { ConclaveError, type RoomId } from '../../../libs/protocol/src/index.ts';
import type { Connection } from '../presence/connection.ts';

/*
 * Submissions are numbered per connection and room (delivery.md D4). After a refusal everything numbered later is refused too, also what
 * was on its way already, until that number comes again or is skipped: so one author's words are stored in the order they were said. What
 * was numbered before it goes on: its author will not send it again.
 */
type Lane = { next: number; /** Taken, and not answered yet. */ taken: Set<Place> };
/** `due`: no refusal of an earlier one, or of this one, has come since it was taken. */
export type Place = { readonly connection: Connection; readonly room: RoomId; readonly n: number; due: boolean };

/** More rooms than anybody is in: numbers are not kept for invented ones. */
const LANES = 2_000;

const lanes = new WeakMap<Connection, Map<RoomId, Lane>>();

function laneOf(connection: Connection, room: RoomId): Lane {
  const rooms = lanes.get(connection) ?? new Map<RoomId, Lane>();
  lanes.set(connection, rooms);
  const lane = rooms.get(room) ?? { next: 1, taken: new Set() };
  if (!rooms.has(room) && rooms.size >= LANES) throw new ConclaveError('bad-frame', 'room: too many rooms on one connection');
  rooms.set(room, lane);
  return lane;
}

/** The place of submission `n`, or null when another number is due. */
export function enter(connection: Connection, room: RoomId, n: number): Place | null {
  const lane = laneOf(connection, room);
  if (n !== lane.next) return null;
  lane.next++;
  const place = { connection, room, n, due: true };
  lane.taken.add(place);
  return place;
}

/** Stored, and about to be told so. */
export function leave(place: Place): void {
  laneOf(place.connection, place.room).taken.delete(place);
}

/** From this number on the client must come again. False when an earlier refusal has said so already: then that one's number is due. */
export function holdUp({ connection, room, n, due }: Place): boolean {
  if (!due) return false;
  const lane = laneOf(connection, room);
  lane.next = n;
  for (const place of lane.taken) {
    if (place.n < n) continue;
    place.due = false;
    lane.taken.delete(place);
  }
  return true;
}

export function skip(connection: Connection, room: RoomId, n: number): void {
  const lane = laneOf(connection, room);
  if (lane.next === n) lane.next = n + 1;
}
