import type {
  Body,
  DeviceId,
  Eid,
  ExpelReason,
  Mid,
  Order,
  RoomId,
  RoomRole,
  RoomSettings,
  RoomSummary,
  UserId,
} from '../../../protocol/src/index.ts';
import type { Notice } from '../views/notice.ts';

/* What a room keeps in the store: one type per table, and the keys that order them. */

/** One thing an author said or did; texts stand in `messages`, operations in `operations`. */
export type EntryRow = {
  mid: Mid;
  user: UserId;
  device: DeviceId;
  aseq: number;
  order: Order;
  /** Written, by the author's clock; arrived here. ms. */
  at: number;
  arrived: number;
  body: Body;
  statement: Uint8Array;
  signature: Uint8Array;
  /** Where it was sealed: whoever joined later is given no copy. */
  generation: number;
  epoch: number;
  ahead: boolean;
  /** Own entries: to whom it was sealed. */
  to: Recipient[] | null;
  /** Vanishes so long after its place in the order, ms (MSG5), as its author froze it. */
  ttl?: number;
  /** Imported, and nothing here proves that `user` holds this key, which signed it (FIND4). */
  importedKey?: Uint8Array;
  /** Said in this private conversation (MESH6): shown among the room's messages, never handed on. */
  private?: RoomId;
};
export type Recipient = { user: UserId; devices: DeviceId[] };

export type OutboxRow = {
  mid: Mid;
  aseq: number;
  at: number;
  body: Body;
  statement: Uint8Array;
  /** Accounts it was said to; null when it was said before the group was there. */
  accounts: string[] | null;
  /** The author said "send anyway" to a grown audience. */
  anyway: boolean;
  sealed: { eid: Eid; ciphertext: Uint8Array; order: Order; signature: Uint8Array; generation?: number; epoch?: number } | null;
  /** Envelopes of it that were replaced by a bundle. */
  earlier?: Eid[];
  /** Recipients that have not acknowledged, and which of them the relay holds it for. */
  remaining: DeviceId[];
  held: DeviceId[];
  acknowledged: DeviceId[];
  failed: string | null;
  /** Vanishes so long after it was said, ms (MSG5). */
  ttl?: number;
  /** Said for who comes later, too (E2E9). */
  later?: true;
};

export type RoomAbout = Pick<RoomSummary, 'kind' | 'icon' | 'for' | 'slug'> & { settings: RoomSettings; with: UserId | null };

/** Head of one author's sequence: everything from `first` to `aseq` is here; `highest` beyond it leaves a gap. */
export type AuthorRow = { user: UserId; deviceKey: Uint8Array; first: number; aseq: number; mid: Mid | ''; highest: number; read: number };
/** How far one device has our messages. */
export type ReceiptRow = { user: UserId; from?: number; delivered: number; read: number };
export type NoticeRow = {
  at: number;
  notice: Notice;
  device?: DeviceId;
  from?: number;
  to?: number;
  private?: RoomId;
  /** Commitments of what could not be opened and may come another way. */
  waiting?: string[];
};
export type RoomRow = {
  name: string;
  topic: string;
  unread: number;
  /** Of those, what calls one by name; all of a direct conversation. */
  mentions?: number;
  last: { user: UserId; text: string; at: number; mid?: Mid } | null;
  draft: string;
  left: ExpelReason | null;
  /** As the server last told it: what the room is, and who has which role in it (plain members are left out). */
  about?: RoomAbout;
  roles?: { [user: UserId]: RoomRole };
  /** The server's certificate of one's own role. */
  certificate?: string | null;
  /** How far the history of a linked device has come; absent where there is none to come. */
  history?: { before: string | null; done: boolean };
};

const pad = (value: number, width: number) => String(value).padStart(width, '0');

export const keys = {
  room: (room: RoomId) => `${room}/`,
  mid: (room: RoomId, mid: Mid) => `${room}/${mid}`,
  envelope: (room: RoomId, eid: Eid) => `${room}/${eid}`,
  message: (room: RoomId, { order, device, aseq }: { order: Order; device: DeviceId; aseq: number }) =>
    `${room}/${pad(order.ms, 15)}.${pad(order.counter, 5)}.${device}.${pad(aseq, 10)}`,
  notice: (room: RoomId, ms: number, name: string) => `${room}/${pad(ms, 15)}.99999.${name}`,
  operations: (room: RoomId, target: Mid) => `${room}/${target}/`,
  operation: (room: RoomId, target: Mid, mid: Mid) => `${room}/${target}/${mid}`,
  author: (room: RoomId, device: DeviceId) => `${room}/h/${device}`,
  authors: (room: RoomId) => `${room}/h/`,
  sequence: (room: RoomId, device: DeviceId, aseq: number) => `${room}/s/${device}/${pad(aseq, 10)}`,
  sequences: (room: RoomId, device: DeviceId) => `${room}/s/${device}/`,
  receipt: (room: RoomId, device: DeviceId) => `${room}/r/${device}`,
  receipts: (room: RoomId) => `${room}/r/`,
  joinedAt: (room: RoomId, device: DeviceId) => `${room}/j/${device}`,
  outbox: (room: RoomId, aseq: number) => `${room}/${pad(aseq, 10)}`,
};

/** True when the entry was sealed before the moment at which somebody came into the group. */
export function before(entry: { generation: number; epoch: number }, joined: { generation: number; epoch: number }): boolean {
  return entry.generation < joined.generation || (entry.generation === joined.generation && entry.epoch < joined.epoch);
}

/** The store and key of an entry, whatever its kind: in the room, or in the one whose timeline shows it. */
export function placeOf(
  { room: own, shownIn }: { room: RoomId; shownIn?: RoomId },
  row: EntryRow,
): { table: 'messages' | 'operations'; key: string } {
  const room = shownIn ?? own;
  return 'target' in row.body
    ? { table: 'operations', key: keys.operation(room, row.body.target, row.mid) }
    : { table: 'messages', key: keys.message(room, row) };
}
