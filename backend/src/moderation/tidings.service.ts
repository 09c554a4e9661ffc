import { Injectable } from '@nestjs/common';
import { toBase64url, type ModerationAct, type RoomId, type SignedAct, type UserId } from '../../../libs/protocol/src/index.ts';
import { GroupStatuses } from '../groups/group-status.service.ts';
import { GroupStore } from '../groups/group-store.ts';
import { encode, type Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';

/** An act as it is kept. `rooms`: where it ended a membership. */
export type KeptAct = {
  id: number;
  room: RoomId | null;
  account: UserId;
  act: ModerationAct;
  statement: Uint8Array;
  signature: Uint8Array;
  certificate: Uint8Array;
  rooms: RoomId[];
};
export const kept = 'id, room, account, act, statement, signature, certificate, rooms';

export function signedAct({ statement, signature, certificate }: Pick<KeptAct, 'statement' | 'signature' | 'certificate'>): SignedAct {
  return { statement: toBase64url(statement), signature: toBase64url(signature), certificate: toBase64url(certificate) };
}

/** Brings an act to those whom it concerns and who have a socket here. */
@Injectable()
export class Tidings {
  constructor(
    private readonly presence: Presence,
    private readonly rooms: Rooms,
    private readonly groups: GroupStore,
    private readonly statuses: GroupStatuses,
  ) {}

  /** To everybody in the room, and to whom it is about; an act on the whole site to everybody who is in a room with them. Each socket once. */
  async tell(act: KeptAct): Promise<void> {
    const { room, account, rooms } = act;
    // What ends memberships is told in this very tick, before they end here.
    const places = room !== null ? [room] : act.act === 'ban' ? rooms : await this.rooms.mine(account);
    const audience = new Set<Connection>(this.presence.connectionsOf(account));
    for (const place of places) for (const connection of this.presence.connectionsIn(place)) audience.add(connection);
    const frame = encode({ type: 'moderated', room, act: signedAct(act) });
    for (const connection of audience) connection.tellEncoded(frame);
  }

  /** An act of another server on this database: what it ended there ends here too. */
  async bring(act: KeptAct): Promise<void> {
    const { room, account, rooms } = act;
    const told = this.tell(act);
    for (const place of rooms) {
      this.groups.forget(place);
      this.rooms.tellRemoved(place, account, act.act === 'ban' ? 'banned' : 'kicked');
      this.statuses.announce(place);
    }
    if (act.act === 'ban' && room === null) {
      const sessions = [...this.presence.connectionsOf(account)].map(({ speaker }) => speaker!.session);
      this.presence.endSessions(account, new Set(sessions));
    }
    await told;
  }
}
