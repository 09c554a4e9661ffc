import { Injectable, Logger } from '@nestjs/common';
import { toBase64url, type Person, type RoomId, type RoomMember, type RoomRole, type UserId } from '../../../libs/protocol/src/index.ts';
import { Presence } from '../presence/presence.service.ts';
import { Users } from '../users/users.service.ts';
import { Directory } from './directory.service.ts';
import { RoleCertificates } from './role-certificates.service.ts';
import { settingsOf, type RoomRow } from './room-row.ts';
import { Rooms } from './rooms.service.ts';

/** Tells members what became of their room, and of each other; call it once the change is committed. */
@Injectable()
export class RoomNews {
  readonly #logger = new Logger('rooms');

  constructor(
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly certificates: RoleCertificates,
    users: Users,
  ) {
    users.onChanged((person) => void this.#tellPerson(person).catch((error: unknown) => this.#logger.error(error)));
  }

  /** Called or set otherwise: to every member who is connected, on each of their devices. */
  async changed(room: RoomId): Promise<void> {
    const here = (await this.rooms.members(room)).filter(({ id }) => this.presence.socketsOf(id) > 0);
    const row = here[0] && (await this.rooms.ofMember(room, here[0].id));
    for (const { id, role } of here) await this.#tellStanding(row!, id, role);
    this.directory.changed(room);
  }

  /** Another role: everybody in the room sees it, and whose it is learns it on each of their devices. */
  async roleChanged(room: RoomId, user: UserId): Promise<void> {
    const member = await this.rooms.member(room, user);
    if (!member) return;
    this.#tellMember(room, member);
    if (this.presence.socketsOf(user) > 0) await this.#tellStanding(await this.rooms.ofMember(room, user), user, member.role);
  }

  async #tellStanding(row: RoomRow, user: UserId, role: RoomRole): Promise<void> {
    const certificate = await this.certificates.of(row.id, user);
    this.presence.tell(
      { user },
      {
        type: 'changed',
        room: row.id,
        summary: this.directory.summary(row),
        settings: settingsOf(row),
        role,
        certificate: certificate && toBase64url(certificate),
      },
    );
  }

  /** A name or picture that changed (ACC12): whoever knows the person already takes what came last. */
  async #tellPerson(person: Person): Promise<void> {
    for (const room of await this.rooms.mine(person.id)) {
      const member = await this.rooms.member(room, person.id);
      if (member) this.#tellMember(room, member);
    }
  }

  #tellMember(room: RoomId, member: RoomMember): void {
    this.presence.tell({ room }, { type: 'members', room, joined: [member], left: [] });
  }
}
