import { Injectable } from '@nestjs/common';
import { ConclaveError, type LoginRequest } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { Guesses } from './guesses.service.ts';
import { KnownDevices } from './known-devices.service.ts';
import { Sessions, wrongPassword, type Opened } from './sessions.service.ts';
import { StoredPasswords, type Stored } from './stored-passwords.service.ts';

type Visitor = { address: string; known: string | undefined; agent: string | undefined };

/** The door of names and passwords. */
@Injectable()
export class Login {
  // One more than five: what a login is made of.
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly stored: StoredPasswords,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
    private readonly devices: KnownDevices,
  ) {}

  /** A wrong name and a wrong password look and last alike (ACC4); that an account is locked is told to who knows its password only. */
  async login(request: LoginRequest, visitor: Visitor): Promise<Opened> {
    // Once more where the hash was replaced meanwhile: by another login, which made it anew, or with the password, which then is wrong.
    const opened = (await this.#enter(request, visitor)) ?? (await this.#enter(request, visitor));
    if (!opened) throw wrongPassword();
    return opened;
  }

  /** Null where the password was right and is no longer. */
  async #enter({ username, password }: LoginRequest, { address, known, agent }: Visitor): Promise<Opened | null> {
    const name = username.trim().toLowerCase();
    const buckets = this.guesses.buckets(name, address, this.devices.deviceOf(name, known));
    let found: Stored | null = null;
    await this.guesses.attempt(buckets, async () => (found = await this.stored.compare(name, password)) !== null);
    const right = found as Stored | null;
    if (!right) throw wrongPassword();
    const account = await this.users.byId(right.id);
    const opened = await this.sessions
      .open(this.database, account, { method: 'password', agent, verified: right.hash })
      .catch((error: unknown) => {
        if (error instanceof ConclaveError && error.code === 'bad-credentials') return null;
        throw error;
      });
    if (opened) this.stored.renew(right, password);
    return opened;
  }
}
