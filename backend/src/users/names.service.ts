import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConclaveError, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { skeleton } from './confusable.ts';

const BATCH = 500;
/** Names that speak for the house; the site's own is another. */
const reserved: ReadonlySet<string> = new Set(
  ['admin', 'administrator', 'moderator', 'root', 'system', 'server', 'support', 'security', 'staff', 'conclave'].map(skeleton),
);

/** Who is asked for a name: the account that may keep its own, and that an administrator chose it, who may also take one that is reserved. */
export type Claim = { except?: UserId; byAdministrator?: boolean };

/**
 * Nobody may be taken for somebody else, nor for the site: a name that looks like another account's is refused, and one that speaks for the house
 * is an administrator's to give (ACC11, ACC12).
 */
@Injectable()
export class Names implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Until the transaction ends nobody else takes a name: of two who ask for one at once, the second sees the first. */
  async alone(inside: Queryable): Promise<void> {
    await inside.rows(`select pg_advisory_xact_lock(hashtextextended('names', 0))`);
  }

  /** As "Admin", "Support" or the site's name is, however it is written. */
  isReserved(name: string): boolean {
    const looks = skeleton(name);
    return reserved.has(looks) || looks === skeleton(this.config.siteName);
  }

  /** True when a name, be it username or display name, looks like one of another account than `except`. Ask `alone`, or two that race both pass. */
  async isTaken(inside: Queryable, name: string, except: UserId | null = null): Promise<boolean> {
    const looks = skeleton(name);
    const found = await inside.rows(
      'select 1 from account where (username_looks = $1 or display_looks = $1) and id is distinct from $2::uuid limit 1',
      [looks, except],
    );
    return found.length > 0;
  }

  /** Call in the transaction that takes the name. Throws `name-taken`. */
  async requireFree(inside: Queryable, name: string, { except, byAdministrator = false }: Claim = {}): Promise<void> {
    if (!byAdministrator && this.isReserved(name)) throw new ConclaveError('name-taken', 'this name speaks for the site: choose another');
    await this.alone(inside);
    if (await this.isTaken(inside, name, except))
      throw new ConclaveError('name-taken', 'this name is, or looks like, that of somebody else here: choose another');
  }

  /** Accounts that are older than this check. */
  async onApplicationBootstrap(): Promise<void> {
    for (;;) {
      const rows = await this.database.rows<{ id: UserId; username: string; displayName: string }>(
        `select id, username, display_name as "displayName" from account where username_looks is null or display_looks is null limit ${BATCH}`,
      );
      for (const { id, username, displayName } of rows) {
        await this.database.run('update account set username_looks = $1, display_looks = $2 where id = $3', [
          skeleton(username),
          skeleton(displayName),
          id,
        ]);
      }
      if (rows.length < BATCH) return;
    }
  }
}
