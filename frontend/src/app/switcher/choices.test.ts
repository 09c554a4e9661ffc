import { describe, expect, it } from 'vitest';
import type { RoomLine } from '../../../../libs/client/src/index.ts';
import { choicesFor } from './choices.ts';

const line = (name: string) => ({ id: name, name, with: null }) as unknown as RoomLine;
const chosen = (rooms: RoomLine[]) =>
  choicesFor('', { rooms, people: [], lockable: false }).flatMap(({ kind, name }) => (kind === 'room' ? [name] : []));

describe('where Ctrl-K leads', () => {
  it('is my rooms in their order', () => expect(chosen([line('Kitchen'), line('Attic')])).toEqual(['Kitchen', 'Attic']));
  it('is no room whose name is not known yet', () => expect(chosen([line(''), line('Kitchen')])).toEqual(['Kitchen']));
});
