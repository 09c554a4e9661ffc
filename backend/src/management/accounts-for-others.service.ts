import { Injectable } from '@nestjs/common';
import type { AccountRequest, NewAccount } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Passwords } from '../auth/passwords.service.ts';
import { ResetLinks } from '../auth/reset-links.service.ts';
import { Database } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { SiteBans } from '../users/site-bans.service.ts';
import { Users } from '../users/users.service.ts';
import { AccountList } from './account-list.service.ts';
import { isProgram, requirePersonFor } from './administrators.ts';

/** Accounts that an operator makes for others (ACC14). */
@Injectable()
export class AccountsForOthers {
  // One more than five: what an account is made of, and who was not to have one.
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly links: ResetLinks,
    private readonly list: AccountList,
    private readonly bans: SiteBans,
  ) {}

  /** Without a password the newcomer gets a one-time link to set one. */
  async make(caller: Caller, { username, displayName, password, role }: z.output<typeof AccountRequest>): Promise<NewAccount> {
    requirePersonFor(role, caller);
    if (password !== undefined) this.passwords.check(password, username);
    const passwordHash = password === undefined ? null : await this.passwords.hash(password);
    const { id, reset } = await this.database.transaction(async (inside) => {
      const names = { username, displayName: displayName ?? username, byAdministrator: !isProgram(caller) };
      if (names.byAdministrator) await this.bans.pardon(inside, username);
      const { id } = await this.users.create(inside, { ...names, passwordHash, role });
      await auditAbout(inside, caller.user, 'account-made', id);
      return { id, reset: password === undefined ? await this.links.make(inside, id, null) : null };
    });
    return { ...(await this.list.line(id)), reset };
  }
}
