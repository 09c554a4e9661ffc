import { Inject, Injectable } from '@nestjs/common';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConclaveError, type LoginRequest } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { Users } from '../users/users.service.ts';
import { Guesses } from './guesses.service.ts';
import { Passwords } from './passwords.service.ts';
import { Sessions, type Opened } from './sessions.service.ts';

type Visitor = { address: string; known: string | undefined };

@Injectable()
export class Login {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** A wrong name and a wrong password look and last alike (ACC4). */
  async login({ username, password }: LoginRequest, visitor: Visitor): Promise<Opened & { known: string }> {
    const name = username.trim().toLowerCase();
    const buckets = this.guesses.buckets(name, visitor.address, this.#knownDevice(name, visitor.known));
    await this.guesses.requireAllowed(buckets);
    const found = /\0/.test(name) ? undefined : await this.users.passwordOf(name);
    if (!(await this.passwords.verify(password, found?.hash))) {
      await this.guesses.failed(buckets);
      throw new ConclaveError('bad-credentials', 'the name or the password is wrong');
    }
    await this.guesses.succeeded(buckets);
    const opened = await this.sessions.open(this.database, await this.users.byId(found!.id));
    return { ...opened, known: this.knownCookie(name) };
  }

  /** Browser id and MAC over it and the name: only a browser that has signed in to this very account has one. */
  knownCookie(name: string): string {
    const id = randomBytes(16).toString('base64url');
    return `${id}.${this.#mac(name, id)}`;
  }

  #knownDevice(name: string, cookie: string | undefined): string | null {
    const [id = '', mac = ''] = (cookie ?? '').split('.');
    const expected = Buffer.from(this.#mac(name, id));
    const shown = Buffer.from(mac);
    return expected.length === shown.length && timingSafeEqual(expected, shown) ? id : null;
  }

  #mac(name: string, id: string): string {
    return createHmac('sha256', this.secrets.mac).update(`known\0${name}\0${id}`).digest('base64url');
  }
}
