import { Injectable } from '@nestjs/common';
import { ConclaveError, type RoomAccess, type RoomId, type SiteRoomRequest, type UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { audit } from '../users/audit.ts';
import { Entitlements } from './entitlements.service.ts';
import { Founding, nameKey } from './founding.service.ts';
import { RoomNews } from './room-news.service.ts';
import { columns, type RoomRow } from './room-row.ts';
import { isFor } from './visibility.ts';

export type SiteRoom = z.output<typeof SiteRoomRequest>;
type Access = z.infer<typeof RoomAccess>;
type Known = { id: RoomId; kind: string; archived: boolean };

/** Rooms that stand for something in the embedding site: it makes and changes them, and says who may enter (ROOM9). */
@Injectable()
export class SiteRooms {
  constructor(
    private readonly database: Database,
    private readonly founding: Founding,
    private readonly entitlements: Entitlements,
    private readonly news: RoomNews,
  ) {}

  /** Throws `conflict` where the name is another room's, or the slug that of a room which people or the configuration keep to themselves. */
  async put(actor: UserId, slug: string, request: SiteRoom): Promise<RoomRow> {
    const { room, after } = await this.database.transaction(async (inside) => {
      const known = await this.#known(inside, slug);
      const room = known?.id ?? (await this.founding.found(inside, { ...request, slug, origin: 'site' }));
      if (known) await change(inside, known, request);
      const after = await this.entitlements.reviewRoom(inside, room);
      await audit(inside, actor, known ? 'room-changed' : 'room-made', room, { slug });
      return { room, after };
    });
    after();
    await this.news.changed(room);
    return this.#row(room);
  }

  /** Whether an account may enter, and has: of a room that is not for it as little as of none. */
  async access(slug: string, user: UserId | null): Promise<Access> {
    const [row] = await this.database.rows<{ room: RoomId; member: boolean }>(
      `select r.id as room, exists (select 1 from membership m where m.room = r.id and m.account = a.id) as member from room r join account a on a.id = $2
       where r.slug = $1 and r.archived_at is null and a.locked_at is null and ${isFor}
         and not exists (select 1 from ban b where b.room = r.id and b.account = a.id and (b.until is null or b.until > $3))`,
      [slug, user, Date.now()],
    );
    return { slug, room: row?.room ?? null, mayEnter: row !== undefined, member: row?.member ?? false };
  }

  /** Whom a site calls by issuer and subject; null where they have never been here. */
  async subject(issuer: string, subject: string): Promise<UserId | null> {
    const [row] = await this.database.rows<{ id: UserId }>('select id from account where issuer = $1 and subject = $2', [issuer, subject]);
    return row?.id ?? null;
  }

  async #known(inside: Queryable, slug: string): Promise<Known | undefined> {
    const [known] = await inside.rows<Known>(
      'select id, kind, archived_at is not null as archived from room where slug = $1 for no key update',
      [slug],
    );
    if (known && (known.kind !== 'open' || known.archived))
      throw new ConclaveError('conflict', 'the room of this slug is hidden or archived: choose another slug');
    return known;
  }

  async #row(room: RoomId): Promise<RoomRow> {
    const [row] = await this.database.rows<RoomRow>(`select ${columns} from room r where r.id = $1`, [room]);
    if (!row) throw new ConclaveError('not-found', 'this room was deleted meanwhile');
    return row;
  }
}

async function change(inside: Queryable, { id }: Known, { name, topic, icon, welcome, membersOnly }: SiteRoom): Promise<void> {
  try {
    await inside.run('update room set name = $2, name_key = $3, topic = $4, icon = $5, welcome = $6, members_only = $7 where id = $1', [
      id,
      name,
      nameKey(name),
      topic,
      icon,
      welcome,
      membersOnly,
    ]);
  } catch (error) {
    if (isDuplicate(error)) throw new ConclaveError('conflict', 'there is a room of this name: choose another');
    throw error;
  }
}
