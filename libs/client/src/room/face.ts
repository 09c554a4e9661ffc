import type { RoomId, RoomRole, UserId } from '../../../protocol/src/index.ts';
import type { RosterView } from '../views/members.ts';
import type { RoomLine } from '../views/room-list.ts';
import type { RoomPhase, RoomView } from '../views/room.ts';
import type { People } from './people.ts';
import { roomCode } from './room-code.ts';
import type { RoomAbout, RoomRow } from './rows.ts';

/** What a room shows of itself is made of. */
export type Face = {
  id: RoomId;
  row: RoomRow;
  about: RoomAbout;
  phase: Exclude<RoomPhase['phase'], 'left'>;
  role: RoomRole;
  muted: RoomView['muted'];
  knocking: readonly UserId[];
  authenticator: Uint8Array | null;
  people: Pick<People, 'name' | 'avatar'>;
};

/* Pure: the room on its own page, and as a line of the list. A direct conversation is called by the other person. */

export function viewOf({ id, row, about, phase, role, muted, knocking, authenticator, people }: Face): RoomView {
  const { name, topic, unread, left } = row;
  const { kind, icon, for: whom, slug, settings, with: other } = about;
  return {
    id,
    kind,
    name: other ? people.name(other) : name,
    topic,
    icon,
    for: whom,
    slug,
    settings,
    with: other,
    role,
    muted,
    knocking: knocking.map((user) => ({ user, name: people.name(user) })),
    code: authenticator && roomCode(authenticator),
    unread,
    ...(left ? { phase: 'left', reason: left } : { phase }),
  };
}

export function lineOf({ id, row, about, people }: Face, { total, members }: RosterView): Omit<RoomLine, 'level'> {
  const { name, topic, unread, mentions = 0, last } = row;
  const { kind, icon, with: other } = about;
  const { status, statusText } = members.find(({ user }) => user === other) ?? { status: 'offline' as const, statusText: '' };
  return {
    id,
    kind,
    name: other ? people.name(other) : name,
    icon,
    with: other ? { user: other, avatar: people.avatar(other), status, statusText } : null,
    topic,
    unread,
    mentions,
    last: last && { author: people.name(last.user), text: last.text, at: last.at },
    online: total,
    members: members.length,
    draft: row.draft.slice(0, 120),
  };
}
