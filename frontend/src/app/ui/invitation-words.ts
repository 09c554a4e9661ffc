import type { RoomLine } from '../../../../libs/client/src/index.ts';
import type { Invitation } from './invitations.ts';
import { t } from './language.ts';
import { fromNow } from './times.ts';

/** "Works 5 more times, ends in 7 days, into Lobby". `mine`: where the names of rooms are known from. */
export function invitationWords({ usesLeft, expiresAt, rooms = [] }: Invitation, mine: readonly RoomLine[]): string {
  const when = fromNow(expiresAt, Date.now());
  const uses = t(usesLeft === 1 ? 'Works once more, ends {when}' : 'Works {count} more times, ends {when}', { count: usesLeft, when });
  const names = rooms.map((id) => mine.find((room) => room.id === id)?.name).filter(Boolean);
  return names.length ? t('{uses}, into {rooms}', { uses, rooms: names.join(', ') }) : uses;
}
