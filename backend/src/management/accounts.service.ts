import { Injectable } from '@nestjs/common';
import { ConclaveError, type AccountChange, type ResetLink, type Role, type UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Guesses } from '../auth/guesses.service.ts';
import { ResetLinks } from '../auth/reset-links.service.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { Database, type Queryable } from '../database/database.ts';
import { AccountRemoval, requireAnotherAdmin } from '../users/account-removal.service.ts';
import { ApiTokens } from '../users/api-tokens.service.ts';
import { auditAbout } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { Profiles } from '../users/profiles.service.ts';
import { SiteBans } from '../users/site-bans.service.ts';
import { Users } from '../users/users.service.ts';
import { isProgram, requirePersonFor } from './administrators.ts';

type Change = z.output<typeof AccountChange>;
type After = () => void;

/** What loses its right together with an account: sessions, with their sockets, and the tokens it made. */
@Injectable()
export class Rights {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
    private readonly bans: SiteBans,
  ) {}

  async end(inside: Queryable, user: UserId): Promise<After> {
    await this.tokens.revokeAllOf(inside, user);
    return this.sessions.endAllOf(inside, user);
  }

  /** Unlocks, and ends a ban from the site with it. */
  async giveBack(inside: Queryable, user: UserId): Promise<void> {
    await this.bans.unlock(inside, user);
  }
}

/**
 * What operators do to accounts (ACC14). Each act and its line in the audit log are one transaction, and the line comes last: whoever
 * writes it holds the log until the commit. The last administrator stays one.
 */
@Injectable()
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly profiles: Profiles,
    private readonly rights: Rights,
    private readonly removal: AccountRemoval,
  ) {}

  /** A changed role ends the account's sessions, so that none goes on with what it was. */
  async change(caller: Caller, user: UserId, { displayName, role, vip }: Change): Promise<void> {
    requirePersonFor(role, caller);
    const actor = caller.user;
    await this.#act(caller, user, async (inside, before) => {
      const newRole = role === before ? undefined : role;
      if (displayName !== undefined) await this.profiles.write(inside, user, { displayName }, !isProgram(caller));
      if (vip !== undefined) await setVip(inside, user, vip);
      const ended = newRole === undefined ? none : await this.#setRole(inside, user, newRole);
      const reviewed = await this.users.rightsChanged(inside, user);
      if (displayName !== undefined) await auditAbout(inside, actor, 'account-changed', user);
      if (vip !== undefined) await auditAbout(inside, actor, 'account-changed', user, { vip });
      if (newRole !== undefined) await auditAbout(inside, actor, 'role-changed', user);
      return () => {
        ended();
        reviewed();
      };
    });
    if (displayName !== undefined) await this.users.changed(user);
  }

  lock(caller: Caller, user: UserId, reason: string): Promise<void> {
    return this.#act(caller, user, async (inside) => {
      await requireAnotherAdmin(inside, user);
      await inside.run(
        `update account set locked_at = coalesce(locked_at, $2), locked_until = null, lock_reason = $3, locked_by_ban = false where id = $1`,
        [user, Date.now(), reason],
      );
      const ended = await this.rights.end(inside, user);
      await auditAbout(inside, caller.user, 'account-locked', user);
      return ended;
    });
  }

  unlock(caller: Caller, user: UserId): Promise<void> {
    return this.#act(caller, user, async (inside) => {
      await this.rights.giveBack(inside, user);
      await auditAbout(inside, caller.user, 'account-unlocked', user);
      return none;
    });
  }

  remove(caller: Caller, user: UserId): Promise<void> {
    return this.#act(caller, user, (inside) => this.removal.remove(inside, caller.user, user));
  }

  async #setRole(inside: Queryable, user: UserId, role: Role): Promise<After> {
    if (role !== 'admin') await requireAnotherAdmin(inside, user);
    await inside.run('update account set role = $2 where id = $1', [user, role]);
    return this.rights.end(inside, user);
  }

  async #act(caller: Caller, user: UserId, work: (inside: Queryable, role: Role) => Promise<After>): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      const [row] = await inside.rows<{ role: Role }>('select role from account where id = $1 for no key update', [user]);
      if (!row) throw new ConclaveError('not-found', 'there is no such account');
      requirePersonFor(row.role, caller);
      return work(inside, row.role);
    });
    after();
  }
}

const none: After = () => undefined;

async function setVip(inside: Queryable, user: UserId, vip: boolean): Promise<void> {
  await inside.run(`update account set claims = claims || jsonb_build_object('vip', $2::boolean) where id = $1`, [user, vip]);
}

/** The ways back in that an operator can give: a one-time link, and an end to the waits of guessing. */
@Injectable()
export class WaysBack {
  constructor(
    private readonly database: Database,
    private readonly links: ResetLinks,
    private readonly guesses: Guesses,
  ) {}

  async reset(caller: Caller, user: UserId): Promise<ResetLink> {
    return this.database.transaction(async (inside) => {
      const [row] = await inside.rows<{ origin: string; role: Role }>('select origin, role from account where id = $1 for no key update', [
        user,
      ]);
      if (!row) throw new ConclaveError('not-found', 'there is no such account');
      requirePersonFor(row.role, caller);
      if (row.origin === 'guest') throw new ConclaveError('conflict', 'a guest has no password');
      await auditAbout(inside, caller.user, 'reset-link-made', user);
      return this.links.make(inside, user, null);
    });
  }

  /** Every wrong guess at this name is forgiven, whoever has it. */
  async forgiveName(username: string): Promise<void> {
    await this.guesses.forget(username);
  }
}
