import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { Passwords } from './passwords.service.ts';

export type Stored = { id: UserId; hash: string };

/** Passwords at rest: whose they are, and that after a change of BCRYPT_COST neither old ones stay cheap nor names can be told by the time. */
@Injectable()
export class StoredPasswords implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('passwords');
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly passwords: Passwords,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** What is compared for a name that nobody has costs what it costs for most who are here. */
  async onApplicationBootstrap(): Promise<void> {
    const [most] = await this.database.rows<{ cost: number }>(
      `select substr(password_hash, 5, 2)::int as cost from account where password_hash ~ '^[$]2[aby][$][0-9]{2}[$]'
       group by 1 order by count(*) desc, 1 desc limit 1`,
    );
    if (most) this.passwords.imitate(most.cost);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /** Null for a wrong name and a wrong password alike, after the same work. */
  async compare(name: string, password: string): Promise<Stored | null> {
    const found = name.includes('\0') ? undefined : await this.users.passwordOf(name);
    const right = await this.passwords.verify(password, found?.hash);
    return right && found ? found : null;
  }

  /** Hashes a right password anew where its hash is of another cost than is set now. Nobody waits for it, but `settled`. */
  renew({ id, hash }: Stored, password: string): void {
    if (Number(hash.slice(4, 6)) === this.config.bcryptCost) return;
    const running = this.#renew(id, hash, password)
      .catch((error: unknown) => this.#logger.debug(error)) // the next login tries again
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** When nothing is being hashed anew. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #renew(id: UserId, hash: string, password: string): Promise<void> {
    const renewed = await this.passwords.hash(password);
    await this.database.run('update account set password_hash = $1 where id = $2 and password_hash = $3', [renewed, id, hash]);
  }
}
