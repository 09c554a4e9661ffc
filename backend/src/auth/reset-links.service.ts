import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { ConclaveError, type ResetLink, type ResetRequest, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import { Users } from '../users/users.service.ts';
import { Guesses } from './guesses.service.ts';
import { forgetResets } from './own-password.service.ts';
import { Passwords } from './passwords.service.ts';
import { Sessions, type Opened } from './sessions.service.ts';

const LASTS_MS = 24 * 3_600_000;

/** One-time links by which an administrator lets somebody back in: in the URL's fragment, hash at rest, one use also when two race. */
@Injectable()
export class ResetLinks {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
  ) {}

  /** An earlier link of the account ends. The secret is in what this returns and nowhere else. Whoever calls writes the audit row. */
  async make(inside: Queryable, account: UserId, by: UserId | null): Promise<ResetLink> {
    const secret = randomBytes(24).toString('base64url');
    const now = Date.now();
    await forgetResets(inside, account);
    await inside.run('insert into reset_link (hash, account, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5)', [
      sha256(secret),
      account,
      by,
      now,
      now + LASTS_MS,
    ]);
    return { secret, expiresAt: now + LASTS_MS };
  }

  /** Sets the password, ends every session, forgets wrong guesses, and signs in. A password that is refused leaves the link as it is. */
  async use({ secret, password }: ResetRequest, agent: string | undefined): Promise<Opened> {
    const account = await this.users.byId(await this.#accountOf(secret));
    this.passwords.check(password, account.username);
    const passwordHash = await this.passwords.hash(password);
    const { opened, after } = await this.database.transaction(async (inside) => {
      const used = await inside.run('delete from reset_link where hash = $1 and expires_at > $2', [sha256(secret), Date.now()]);
      if (used === 0) throw refused();
      await inside.run('update account set password_hash = $1 where id = $2', [passwordHash, account.id]);
      const after = await this.sessions.endAllOf(inside, account.id);
      await auditAbout(inside, account.id, 'password-reset', account.id);
      return { after, opened: await this.sessions.open(inside, account, { method: 'reset', agent }) };
    });
    after();
    await this.guesses.forget(account.username);
    return opened;
  }

  /** Before a password is hashed: strangers without a link must not make this server work. */
  async #accountOf(secret: string): Promise<UserId> {
    const [row] = await this.database.rows<{ account: UserId }>('select account from reset_link where hash = $1 and expires_at > $2', [
      sha256(secret),
      Date.now(),
    ]);
    if (!row) throw refused();
    return row.account;
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const refused = () => new ConclaveError('bad-reset-link', 'this link was used or has expired: ask an administrator for another');
