import type { KnownPerson, RoomLine } from '../../../../libs/client/src/index.ts';
import { best } from '../switcher/fuzzy.ts';
import { named } from '../ui/named.ts';

export type Place =
  { kind: 'room'; id: string; name: string; room: RoomLine } | { kind: 'person'; id: string; name: string; person: KnownPerson };

/** My rooms, those where something was said last first; with letters typed those that fit, and people I have no conversation with yet. */
export function placesFor(typed: string, rooms: readonly RoomLine[], people: readonly KnownPerson[]): Place[] {
  const met = new Set(rooms.flatMap((room) => (room.with ? [room.with.user] : [])));
  const username = (room: RoomLine) => people.find(({ user }) => user === room.with?.user)?.username ?? '';
  const mine = best(typed, named(rooms), (room) => [room.name, username(room)]).map((room): Place => ({ kind: 'room', id: room.id, name: room.name, room })); // prettier-ignore
  const unmet = people.filter(({ user }) => !met.has(user));
  const others = typed || mine.length === 0 ? best(typed, unmet, ({ name, username }) => [name, username]) : [];
  return [...mine, ...others.map((person): Place => ({ kind: 'person', id: person.user, name: person.name, person }))];
}
