import type { Mid, RoomId } from '../../../protocol/src/index.ts';

/** What a notice of the system may show of a message, as its owner set it on this device. */
export type Shows = 'words' | 'sender' | 'nothing';
/** One room has one notice at a time: the newest. `mid`: where a click leads; null for the room as such. */
export type RoomNotice = { title: string; body: string; room: RoomId; mid: Mid | null };

/** The languages notices are in: the same as the screens have. */
export type NoticeLanguage = 'en' | 'zh';
const words: Record<NoticeLanguage, { fresh: string; freshIn: (room: string) => string; somebody: string }> = {
  en: { fresh: 'New message', freshIn: (room) => `New message in ${room}`, somebody: 'Somebody' },
  zh: { fresh: '新消息', freshIn: (room) => `${room} 有新消息`, somebody: '某人' },
};
/** Whoever is not known by name. */
export const somebody = (language: NoticeLanguage): string => words[language].somebody;

const LONGEST = 200;

/** `direct`: the room is called by who writes. */
export function noticeOf(
  shows: Shows,
  said: { room: RoomId; roomName: string; direct: boolean; name: string; text: string; mid: Mid },
  language: NoticeLanguage,
): RoomNotice {
  const { room, roomName, direct, name, text, mid } = said;
  if (shows === 'nothing') return generalNotice(room, null, language);
  const title = direct ? name : `${name} · ${roomName}`;
  return { title, body: shows === 'words' && text !== '' ? shortened(text) : words[language].fresh, room, mid };
}

/** Where nothing of it can be opened, or nothing is to be shown. */
export function generalNotice(room: RoomId, roomName: string | null, language: NoticeLanguage): RoomNotice {
  const { fresh, freshIn } = words[language];
  return { title: roomName ?? 'Conclave', body: roomName === null ? fresh : freshIn(roomName), room, mid: null };
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST - 1).join('')}…`;
}
