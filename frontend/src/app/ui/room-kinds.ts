import type { RoomKind } from '../../../../libs/protocol/src/rooms.ts';
import type { IconName } from '../ui/icons.ts';

type Words = { name: string; icon: IconName; about: string; consequence: string };

/** What people are told of each kind of room (ROOM1). */
export const roomKinds: { [K in RoomKind]: Words } = {
  open: {
    name: 'Open',
    icon: 'door',
    about: 'Listed. Everybody with an account can join.',
    consequence: 'Everybody here sees the room in the list and can join. What is written in it only its members can read.',
  },
  password: {
    name: 'Password',
    icon: 'lock',
    about: 'Listed with a lock. Who knows the password can join.',
    consequence: 'Everybody here sees the room in the list; only who knows the password comes in and reads.',
  },
  hidden: {
    name: 'Hidden',
    icon: 'hidden',
    about: 'In no list. Found by its exact name only; a member lets people in.',
    consequence: 'The room is in no list. Whoever types its exact name asks to come in, and a member decides.',
  },
  direct: {
    name: 'Direct',
    icon: 'people',
    about: 'Between two people.',
    consequence: 'Nobody else can be added, not even by the server.',
  },
};
