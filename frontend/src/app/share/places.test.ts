import { describe, expect, it } from 'vitest';
import type { KnownPerson, RoomLine } from '../../../../libs/client/src/index.ts';
import { placesFor } from './places.ts';

const line = (name: string, user: string | null = null) => ({ id: name, name, with: user ? { user } : null }) as unknown as RoomLine;
const person = (user: string, name: string) => ({ user, name, username: user }) as unknown as KnownPerson;
const names = (typed: string, rooms: RoomLine[], people: KnownPerson[]) => placesFor(typed, rooms, people).map(({ kind, name }) => `${kind} ${name}`); // prettier-ignore

describe('where something may go', () => {
  const rooms = [line('Kitchen'), line('Bo', 'bob')];
  const people = [person('bob', 'Bo'), person('kim', 'Kim')];

  it('is my rooms in their order, until somebody types', () => expect(names('', rooms, people)).toEqual(['room Kitchen', 'room Bo']));
  it('is what fits, and people I have no conversation with yet', () => {
    expect(names('ki', rooms, people)).toEqual(['room Kitchen', 'person Kim']);
    expect(names('bob', rooms, people)).toEqual(['room Bo']); // by the name one signs in with, too; not twice
    expect(names('xyz', rooms, people)).toEqual([]);
  });
  it('is no room whose name is not known yet', () => expect(names('', [line(''), ...rooms], people)).toEqual(['room Kitchen', 'room Bo']));
  it('is people for who is in no room', () => expect(names('', [], people)).toEqual(['person Bo', 'person Kim']));
});
