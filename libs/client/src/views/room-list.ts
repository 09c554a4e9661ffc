import type { RoomId, RoomKind, RoomSummary, UserId } from '../../../protocol/src/index.ts';
import type { RoomLevel } from '../notify/notices-row.ts';
import type { Standing } from './members.ts';

/** One line of "my rooms". */
export type RoomLine = {
  id: RoomId;
  kind: RoomKind;
  /** Of a direct conversation: the other person's. */
  name: string;
  icon: string | null;
  /** The other person of a direct conversation, their picture, and whether they are there. */
  with: ({ user: UserId; avatar: string | null } & Standing) | null;
  topic: string;
  unread: number;
  /** Unread ones that call one by name; in a direct conversation all. */
  mentions: number;
  level: RoomLevel;
  /** Last message: words and time, for the second line of the list. */
  last: { author: string; text: string; at: number } | null;
  online: number;
  members: number;
  /** What was begun and not sent. */
  draft: string;
};

export type DirectoryView = { rooms: RoomSummary[]; mine: ReadonlySet<RoomId>; signedIn: number; loaded: boolean };
