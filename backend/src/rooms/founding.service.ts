import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  ConclaveError,
  type RoomFor,
  type RoomId,
  type RoomKind,
  type RoomRequest,
  type RoomSummary,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Passwords } from '../auth/passwords.service.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { audit } from '../users/audit.ts';
import { Directory } from './directory.service.ts';
import { requireMayFound } from './founding.ts';
import { Rooms } from './rooms.service.ts';

type NewRoom = {
  name: string;
  topic?: string | undefined;
  icon?: string | null | undefined;
  kind?: RoomKind;
  id?: RoomId | undefined;
  /** Of a password's half for the server (room-password.ts). */
  passwordHash?: string | null;
  welcome?: string[];
  for?: RoomFor | null;
  slug?: string | null;
  membersOnly?: boolean;
  origin?: 'people' | 'config' | 'site';
  overflowOf?: RoomId | null;
  directUsers?: UserId[] | null;
};

/** The name as it is compared: two that read alike are one. */
export const nameKey = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** How rooms come to be. */
@Injectable()
export class Founding {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly passwords: Passwords,
  ) {}

  /** By a person, who owns it. Throws `forbidden`, `conflict`. */
  async create(owner: UserId, { admission, ...request }: RoomRequest): Promise<RoomSummary> {
    const kind = request.kind ?? 'open';
    if ((kind === 'password') !== (admission !== undefined) || (kind === 'password') !== (request.id !== undefined))
      throw new ConclaveError('bad-request', 'a password room, and no other, needs `id` and `admission`');
    await requireMayFound(this.database, owner);
    const passwordHash = admission === undefined ? null : await this.passwords.hash(admission);
    const room = await this.database.transaction(async (inside) => {
      await requireMayFound(inside, owner);
      const room = await this.found(inside, { ...request, kind, passwordHash });
      await this.rooms.admit(inside, owner, room, { role: 'owner' });
      await audit(inside, owner, 'room-made', room, { kind });
      return room;
    });
    await this.rooms.tellJoined(room, owner);
    return this.directory.summary(await this.rooms.ofMember(room, owner));
  }

  /** Without members. Throws `conflict` where its name, its slug or its id is another room's. */
  async found(inside: Queryable, { id = randomUUID(), name, kind = 'open', ...more }: NewRoom): Promise<RoomId> {
    const { topic = '', icon = null, passwordHash = null, welcome = [], slug = null, membersOnly = false, origin = 'people' } = more;
    try {
      await inside.run(
        `insert into room (id, kind, name, name_key, topic, icon, password_hash, password_version, welcome, for_role, slug, members_only, origin,
           overflow_of, direct_users, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
        [id, kind, name, nameKey(name), topic, icon, passwordHash, passwordHash === null ? 0 : 1, welcome, more.for ?? null, slug, membersOnly,
          origin, more.overflowOf ?? null, more.directUsers ?? null, Date.now()], // prettier-ignore
      );
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('conflict', 'there is a room of this name: choose another');
      throw error;
    }
    await inside.run('insert into room_head (room) values ($1)', [id]);
    await inside.run('insert into room_group (room) values ($1)', [id]);
    return id;
  }
}
