import type { Entry, RoomId, RoomKind, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

type Row = { kind: RoomKind; users: [UserId, UserId] | null };

/**
 * Who may come into a room's group, as it stands in the group's id: it follows from the room's kind, which never changes. Rooms for a role and
 * rooms that stand for something in the embedding site are open to members: there it is the server that says who is one.
 */
export async function entryOf(inside: Queryable, room: RoomId): Promise<Entry> {
  const [row] = await inside.rows<Row>('select kind, direct_users as users from room where id = $1', [room]);
  switch (row?.kind) {
    case 'password':
      return { by: 'password' };
    case 'hidden':
      return { by: 'closed' };
    case 'direct':
      return { by: 'direct', users: row.users! };
    default:
      return { by: 'open' };
  }
}
