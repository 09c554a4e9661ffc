import { decodeContent, fromBase64url, type PushPayload, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import { keys, type RoomRow } from '../room/rows.ts';
import { checkMessage } from '../room/statement.ts';
import { peek } from '../sealing/peek.ts';
import type { Store } from '../storage/store.ts';
import type { NoticesRow } from './notices-row.ts';
import { generalNotice, noticeOf, somebody, type NoticeLanguage, type RoomNotice } from './wording.ts';

type Snapshot = Pick<Store, 'get'>;
type Room = { name: string; direct: boolean };

/**
 * What a push says to this person, by what this device stores and without changing any of it; null: nothing, since the room is muted, its author is
 * blocked, the app has it already, or it is no message. What cannot be opened (an epoch that is not known yet, a store in the middle of a
 * write, an envelope too large for a push) is told of in general. Never throws for what a server or an author may send.
 */
export async function noticeOfPush(
  store: Snapshot,
  { user, room: id, eid, sealed }: PushPayload,
  language: NoticeLanguage = 'en',
): Promise<RoomNotice | null> {
  const settings = await store.get<NoticesRow>('meta', 'notices');
  const level = new Map(settings?.levels).get(id) ?? 'everything';
  if (!settings?.desktop || level === 'nothing') return null;
  if ((await store.get('envelopes', keys.envelope(id, eid))) !== undefined) return null;
  const room = await roomOf(store, id, language);
  const general = generalNotice(id, settings.shows === 'nothing' ? null : room.name, language);
  if (sealed === undefined) return general;
  const said = await opened(store, user, id, fromBase64url(sealed), language).catch(() => 'unreadable' as const);
  if (said === 'unreadable') return general;
  if (!said || (level === 'mentions' && !said.named && !room.direct)) return null;
  return noticeOf(settings.shows, { room: id, roomName: room.name, direct: room.direct, ...said }, language);
}

/** Null for what is no message, one's own, or of somebody who is blocked. Throws where it does not open or does not hold together. */
async function opened(store: Snapshot, me: UserId, room: RoomId, ciphertext: Uint8Array, language: NoticeLanguage) {
  const { author, user, authorKey, content: bytes, authenticated } = await peek(store, room, ciphertext);
  const content = decodeContent(bytes);
  if (content.kind !== 'message') return null;
  const { mid, statement } = await checkMessage(room, { device: author, deviceKey: authorKey }, content, authenticated);
  const blocked = (await store.get<UserId[]>('meta', 'blocks')) ?? [];
  const { body } = statement;
  if (body.kind !== 'text' || user === me || blocked.includes(user)) return null;
  return { name: await nameOf(store, user, language), text: body.text, mid, named: body.mentions?.includes(me) ?? false };
}

async function roomOf(store: Snapshot, id: RoomId, language: NoticeLanguage): Promise<Room> {
  const row = await store.get<RoomRow>('rooms', id);
  const other = row?.about?.with;
  return { name: other ? await nameOf(store, other, language) : (row?.name ?? ''), direct: row?.about?.kind === 'direct' };
}

async function nameOf(store: Snapshot, user: UserId, language: NoticeLanguage): Promise<string> {
  return (await store.get<{ username: string; displayName: string }>('people', user))?.displayName ?? somebody(language);
}
