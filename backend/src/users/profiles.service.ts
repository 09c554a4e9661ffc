import { Injectable } from '@nestjs/common';
import {
  ConclaveError,
  type AccountOrigin,
  type OwnProfile,
  type Profile,
  type ProfileChange,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Avatars } from './avatars.service.ts';
import { skeleton } from './confusable.ts';
import { Names } from './names.service.ts';
import { personOf, Users, type Account } from './users.service.ts';

type Row = Account & {
  about: string;
  link: string | null;
  origin: AccountOrigin;
  vip: boolean;
  createdAt: number;
  hasPassword: boolean;
  passkeys: number;
};

const columns = `id, username, display_name as "displayName", role, account_key as "accountKey", key_was_reset as "keyWasReset",
  avatar_hash as avatar, about, link, origin, coalesce(claims->>'vip' = 'true', false) as vip, created_at as "createdAt",
  password_hash is not null as "hasPassword", (select count(*)::int from passkey where account = account.id) as passkeys`;

/** What people say of themselves (ACC12). */
@Injectable()
export class Profiles {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly names: Names,
    private readonly avatars: Avatars,
  ) {}

  async of(user: UserId): Promise<Profile> {
    return profileOf(await this.#row(user));
  }

  async own(user: UserId): Promise<OwnProfile> {
    const row = await this.#row(user);
    const { createdAt, origin, hasPassword, passkeys } = row;
    return { ...profileOf(row), createdAt, origin, hasPassword, passkeys };
  }

  /** What is absent stays. A new display name is told to everyone who shares a room. */
  async change(user: UserId, change: ProfileChange): Promise<OwnProfile> {
    await this.database.transaction((inside) => this.write(inside, user, change));
    await this.users.changed(user);
    return this.own(user);
  }

  /** An administrator may also give somebody a name that speaks for the site. */
  async write(inside: Queryable, user: UserId, { displayName, about, link }: ProfileChange, byAdministrator = false): Promise<void> {
    if (displayName !== undefined) {
      const before = await this.users.byId(user, inside);
      // A name that was given may be written otherwise, and sent again with the rest of the profile.
      const own = before.role === 'admin' || skeleton(displayName) === skeleton(before.displayName);
      await this.names.requireFree(inside, displayName, { except: user, byAdministrator: byAdministrator || own });
    }
    await inside.run(
      `update account set display_name = coalesce($2, display_name), display_looks = coalesce($3, display_looks), about = coalesce($4, about),
         link = case when $5 then $6 else link end where id = $1`,
      [
        user,
        displayName ?? null,
        displayName === undefined ? null : skeleton(displayName),
        about ?? null,
        link !== undefined,
        link ?? null,
      ],
    );
  }

  async picture(user: UserId, bytes: Uint8Array): Promise<void> {
    const image = await this.avatars.draw(bytes);
    await this.database.transaction((inside) => this.avatars.put(inside, user, image));
    await this.users.changed(user);
  }

  async dropPicture(user: UserId): Promise<void> {
    await this.database.transaction((inside) => this.avatars.drop(inside, user));
    await this.users.changed(user);
  }

  async #row(user: UserId): Promise<Row> {
    const [row] = await this.database.rows<Row>(`select ${columns} from account where id = $1`, [user]);
    if (!row) throw new ConclaveError('not-found', 'there is nobody of this id');
    return row;
  }
}

function profileOf(row: Row): Profile {
  const { about, link, role, origin, vip } = row;
  return { ...personOf(row), about, link, role, guest: origin === 'guest', vip };
}
