import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConclaveError, toBase64url, type Person, type Role, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';

export type Account = {
  id: UserId;
  username: string;
  displayName: string;
  role: Role;
  accountKey: Uint8Array | null;
  keyWasReset: boolean;
};
export type NewAccount = { username: string; displayName: string; passwordHash: string; role: Role };

const columns = `id, username, display_name as "displayName", role, account_key as "accountKey", key_was_reset as "keyWasReset"`;

@Injectable()
export class Users {
  constructor(private readonly database: Database) {}

  async create(inside: Queryable, { username, displayName, passwordHash, role }: NewAccount): Promise<Account> {
    const id = randomUUID();
    try {
      await inside.run(
        'insert into account (id, username, display_name, role, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)',
        [id, username, displayName, role, passwordHash, Date.now()],
      );
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('name-taken', 'this username is taken: choose another');
      throw error;
    }
    return { id, username, displayName, role, accountKey: null, keyWasReset: false };
  }

  async byId(id: UserId, inside: Queryable = this.database): Promise<Account> {
    const [account] = await inside.rows<Account>(`select ${columns} from account where id = $1`, [id]);
    if (!account) throw new ConclaveError('unauthenticated', 'this account no longer exists');
    return account;
  }

  async passwordOf(username: string): Promise<{ id: UserId; hash: string } | undefined> {
    const rows = await this.database.rows<{ id: UserId; hash: string }>(
      'select id, password_hash as hash from account where username = $1',
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

export function personOf({ id, username, displayName, accountKey }: Omit<Account, 'role' | 'keyWasReset'>): Person {
  return { id, username, displayName, accountKey: accountKey ? toBase64url(accountKey) : null };
}
