import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConclaveError, SetupRequest, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Passwords } from '../auth/passwords.service.ts';
import { Sessions, type Opened } from '../auth/sessions.service.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { audit } from '../users/audit.ts';
import { Users } from '../users/users.service.ts';
import { Founding, nameKey } from './founding.service.ts';
import { Rooms } from './rooms.service.ts';

const LINK_MS = 3_600_000;

/** The first run (ACC1): a link printed on the console makes the admin and the first rooms, once. Kept in memory: a restart makes another. */
@Injectable()
export class Setup {
  #expected: { hash: Buffer; expiresAt: number } | null = null;

  // Two more than five: all that a first run begins.
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly founding: Founding,
    private readonly rooms: Rooms,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The token for the link, or null when there is an admin. */
  async begin(): Promise<string | null> {
    if (await this.users.hasAdmin()) return null;
    const token = randomBytes(24).toString('base64url');
    this.#expected = { hash: sha256(token), expiresAt: Date.now() + LINK_MS };
    return token;
  }

  needed(): Promise<boolean> {
    return this.users.hasAdmin().then((has) => !has);
  }

  async complete(request: z.output<typeof SetupRequest>, agent: string | undefined): Promise<Opened> {
    this.#requireToken(request.token);
    this.passwords.check(request.password, request.username);
    const passwordHash = await this.passwords.hash(request.password);
    const opened = await this.database.transaction(async (inside) => {
      // Two that race wait here for each other; the second finds an admin.
      await inside.run(`insert into meta (key, value) values ('setup', '') on conflict (key) do update set value = ''`);
      if (await this.users.hasAdmin(inside)) throw refused();
      const { username, displayName } = request;
      const admin = await this.users.create(inside, { username, displayName, passwordHash, role: 'admin' });
      for (const name of new Set(request.rooms)) await this.#room(inside, admin.id, name);
      await audit(inside, admin.id, 'setup', this.config.siteName);
      return this.sessions.open(inside, admin, { method: 'setup', agent });
    });
    this.#expected = null;
    return opened;
  }

  /** One that the configuration has made already is taken as it is. */
  async #room(inside: Queryable, admin: UserId, name: string): Promise<void> {
    const [made] = await inside.rows<{ id: RoomId }>('select id from room where name_key = $1 and archived_at is null', [nameKey(name)]);
    const room = made?.id ?? (await this.founding.found(inside, { name }));
    await this.rooms.admit(inside, admin, room);
    await inside.run(`update membership set role = 'owner' where room = $1 and account = $2`, [room, admin]);
  }

  #requireToken(token: string): void {
    const expected = this.#expected;
    if (!expected || expected.expiresAt < Date.now() || !timingSafeEqual(expected.hash, sha256(token))) throw refused();
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const refused = () => new ConclaveError('bad-setup-link', 'this setup link was used or has expired: restart the server for another');
