import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConclaveError, toBase64url, type AccountOrigin, type Person, type Role, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { skeleton } from './confusable.ts';
import { Names } from './names.service.ts';
import { SiteBans } from './site-bans.service.ts';

export type Account = {
  id: UserId;
  username: string;
  displayName: string;
  role: Role;
  accountKey: Uint8Array | null;
  keyWasReset: boolean;
  /** Names the image (avatar table), or none. */
  avatar: string | null;
};
export type NewAccount = {
  username: string;
  displayName: string;
  /** Null for who comes in by another door. */
  passwordHash: string | null;
  role: Role;
  /** Preset: local. */
  origin?: AccountOrigin;
  /** Who makes it for somebody may choose a name that speaks for the site; who makes their own may not, unless the role does so too. */
  byAdministrator?: boolean;
  /** Who an embedding site says this is (ACC10). */
  handedOver?: { issuer: string; subject: string };
};

/** What happens to whoever is new here, in the transaction that makes the account. */
type Welcome = (inside: Queryable, user: UserId) => Promise<void>;
/** What follows from changed rights, in the same transaction. */
type Review = (inside: Queryable, user: UserId) => Promise<() => void>;

const columns = `id, username, display_name as "displayName", role, account_key as "accountKey", key_was_reset as "keyWasReset", avatar_hash as avatar`;

@Injectable()
export class Users {
  readonly #listeners: ((person: Person) => void)[] = [];
  readonly #reviews: Review[] = [];
  readonly #welcomes: Welcome[] = [];

  constructor(
    private readonly database: Database,
    private readonly names: Names,
    private readonly bans: SiteBans,
  ) {}

  /** Rooms tell their members what a person is called and looks like now. */
  onChanged(listener: (person: Person) => void): void {
    this.#listeners.push(listener);
  }

  onCreated(welcome: Welcome): void {
    this.#welcomes.push(welcome);
  }

  /** Rooms that are for some people only ask then whether somebody is one of them. */
  onRightsChanged(review: Review): void {
    this.#reviews.push(review);
  }

  /** Another role, or other words of the embedding site, written in this transaction. What this gives is called once it is committed. */
  async rightsChanged(inside: Queryable, user: UserId): Promise<() => void> {
    const after: (() => void)[] = [];
    for (const review of this.#reviews) after.push(await review(inside, user));
    return () => after.forEach((then) => then());
  }

  /** After a changed name or picture was committed. */
  async changed(user: UserId): Promise<void> {
    const person = personOf(await this.byId(user));
    for (const listener of this.#listeners) listener(person);
  }

  /**
   * Refuses a local account whose names could be taken for another's; the other doors ask `Names` themselves, and find a way round. Nobody who was
   * banned from the site comes back by a new account.
   */
  async create(
    inside: Queryable,
    { username, displayName, passwordHash, role, origin = 'local', byAdministrator = role === 'admin', handedOver }: NewAccount,
  ): Promise<Account> {
    const id = randomUUID();
    const { issuer, subject } = handedOver ?? { issuer: null, subject: null };
    await this.bans.requireWelcome(inside, { username, ...(handedOver ? { handedOver } : {}) });
    if (origin === 'local') for (const name of [username, displayName]) await this.names.requireFree(inside, name, { byAdministrator });
    try {
      await inside.run(
        `insert into account (id, username, display_name, role, password_hash, created_at, origin, issuer, subject, username_looks, display_looks)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [id, username, displayName, role, passwordHash, Date.now(), origin, issuer, subject, skeleton(username), skeleton(displayName)],
      );
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('name-taken', 'this username is taken: choose another');
      throw error;
    }
    for (const welcome of this.#welcomes) await welcome(inside, id);
    return { id, username, displayName, role, accountKey: null, keyWasReset: false, avatar: null };
  }

  async byId(id: UserId, inside: Queryable = this.database): Promise<Account> {
    const [account] = await inside.rows<Account>(`select ${columns} from account where id = $1`, [id]);
    if (!account) throw new ConclaveError('unauthenticated', 'this account no longer exists');
    return account;
  }

  async passwordOf(username: string): Promise<{ id: UserId; hash: string } | undefined> {
    const rows = await this.database.rows<{ id: UserId; hash: string }>(
      'select id, password_hash as hash from account where username = $1 and password_hash is not null',
      [username],
    );
    return rows[0];
  }

  async hasAdmin(inside: Queryable = this.database): Promise<boolean> {
    return (await inside.rows(`select 1 from account where role = 'admin' limit 1`)).length > 0;
  }

  async count(): Promise<number> {
    return (await this.database.rows<{ count: number }>('select count(*)::int as count from account'))[0]!.count;
  }
}

export function personOf({ id, username, displayName, accountKey, avatar }: Omit<Account, 'role' | 'keyWasReset'>): Person {
  return { id, username, displayName, accountKey: accountKey ? toBase64url(accountKey) : null, avatar };
}
