import type { KnownPerson, RoomLine } from '../../../../libs/client/src/index.ts';
import type { IconName } from '../ui/icons.ts';
import { named } from '../ui/named.ts';
import type { ThemeChoice } from '../ui/theme.ts';
import { best } from './fuzzy.ts';

/** A place of the app, or something it does at once. */
export type Act = { words: string; icon: IconName } & ({ path: string } | { lock: true } | { theme: ThemeChoice });
export type Choice =
  | { kind: 'room'; id: string; name: string; room: RoomLine }
  | { kind: 'person'; id: string; name: string; person: KnownPerson }
  | { kind: 'act'; id: string; name: string; act: Act };

const pages: Act[] = [
  { words: 'Search all messages', icon: 'search', path: '/search' },
  { words: 'Find or create a room', icon: 'plus', path: '/directory' },
  { words: 'Invite people', icon: 'invite', path: '/invite' },
  { words: 'Your profile', icon: 'people', path: '/profile' },
  { words: 'Security', icon: 'key', path: '/security' },
  { words: 'Your devices', icon: 'device', path: '/devices' },
  { words: 'Privacy', icon: 'hidden', path: '/privacy' },
  { words: 'Your history: export, import, recovery', icon: 'clock', path: '/history' },
  { words: 'Connection doctor', icon: 'pulse', path: '/doctor' },
  { words: 'About', icon: 'info', path: '/about' },
  { words: 'Light appearance', icon: 'sun', theme: 'light' },
  { words: 'Dark appearance', icon: 'moon', theme: 'dark' },
  { words: 'Appearance as the system has it', icon: 'system', theme: 'system' },
];
const lock: Act = { words: 'Lock this device', icon: 'lock', lock: true };
const most = 12;

/** What fits, best first: rooms by when something was said last, then people, then what the app does. Without letters: rooms, then the rest. */
export function choicesFor(
  typed: string,
  from: { rooms: readonly RoomLine[]; people: readonly KnownPerson[]; lockable: boolean },
): Choice[] {
  const acts = from.lockable ? [...pages, lock] : pages;
  const met = new Set(from.rooms.flatMap((room) => (room.with ? [room.with.user] : [])));
  const people = from.people.filter(({ user }) => !met.has(user)); // whom one talks with already is there as a room
  const rooms = best(typed, named(from.rooms), (room) => [
    room.name,
    from.people.find(({ user }) => user === room.with?.user)?.username ?? '',
  ]);
  const choices: Choice[] = [
    ...rooms.slice(0, most).map((room): Choice => ({ kind: 'room', id: room.id, name: room.name, room })),
    ...best(typed, people, ({ name, username }) => [name, username])
      .slice(0, typed ? most : 0)
      .map((person): Choice => ({ kind: 'person', id: person.user, name: person.name, person })),
    ...best(typed, acts, ({ words }) => [words]).map((act): Choice => ({ kind: 'act', id: act.words, name: act.words, act })),
  ];
  return typed ? best(typed, choices, ({ name, kind, ...more }) => [name, ...(kind === 'person' && 'person' in more ? [more.person.username] : [])]).slice(0, most * 2) : choices; // prettier-ignore
}
