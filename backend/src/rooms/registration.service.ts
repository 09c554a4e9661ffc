import { Inject, Injectable } from '@nestjs/common';
import { ConclaveError, type RegisterRequest } from '../../../libs/protocol/src/index.ts';
import { Passwords } from '../auth/passwords.service.ts';
import { Sessions, type Opened } from '../auth/sessions.service.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { Invites } from './invites.service.ts';
import { OpenDoor } from './open-door.service.ts';
import { Rooms } from './rooms.service.ts';
import { Directory } from './directory.service.ts';

/** Checks and hashes outside, writes inside a transaction. */
@Injectable()
export class Newcomers {
  constructor(
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly door: OpenDoor,
  ) {}

  /** `from`: the address of who came without an invitation. */
  async prepare({ username, displayName, password }: RegisterRequest, agent: string | undefined, from: string | null) {
    this.passwords.check(password, username);
    if (from !== null) await this.door.pass(from);
    const passwordHash = await this.passwords.hash(password);
    return async (inside: Parameters<Users['create']>[0]) => {
      const account = await this.users.create(inside, { username, displayName, passwordHash, role: 'user' });
      return { account, opened: await this.sessions.open(inside, account, { method: 'registration', agent }) };
    };
  }
}

/** How newcomers make an account: freely, by invitation, or not at all (ACC3). */
@Injectable()
export class Registration {
  constructor(
    private readonly database: Database,
    private readonly newcomers: Newcomers,
    private readonly invites: Invites,
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async register(request: RegisterRequest, address: string, agent: string | undefined): Promise<Opened> {
    const { registration, handoff } = this.config;
    if (handoff?.strict) throw new ConclaveError('registration-closed', 'people come to this site by another one: sign in there');
    if (registration === 'closed') throw new ConclaveError('registration-closed', 'this site takes no new accounts');
    if (registration === 'invite' && request.invite === undefined)
      throw new ConclaveError('bad-invite', 'you need an invitation to join this site');
    if (request.invite !== undefined) await this.#requireInvite(request.invite);
    const make = await this.newcomers.prepare(request, agent, request.invite === undefined ? address : null);
    const { opened, rooms } = await this.database.transaction(async (inside) => {
      const rooms = request.invite === undefined ? [] : await this.invites.use(inside, request.invite);
      const { opened, account } = await make(inside);
      // A room that was archived since, or is full, is no reason to turn somebody away.
      for (const room of [...rooms].sort()) await this.rooms.admitIfPossible(inside, account.id, room);
      return { opened, rooms };
    });
    for (const room of rooms) this.directory.changed(room);
    return opened;
  }

  /** Before a password is hashed: strangers without an invitation must not make this server work. */
  async #requireInvite(secret: string): Promise<void> {
    if (!(await this.invites.isOpen(secret)))
      throw new ConclaveError('bad-invite', 'this invitation was used up, revoked, or has expired: ask for another');
  }
}
