import { Injectable } from '@nestjs/common';
import { ConclaveError, type PasswordChange } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { Guesses } from './guesses.service.ts';
import { Passwords } from './passwords.service.ts';
import { Sessions } from './sessions.service.ts';

const FRESH_MS = 15 * 60_000;

type Row = { username: string; origin: string; hash: string | null };

/** One's own password: asked for once more before what cannot be undone, and changed (ACC13). */
@Injectable()
export class OwnPassword {
  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Whoever sits at a browser that is signed in is not yet its owner, and must neither leave themselves a door nor take the account away. A
   * wrong password counts as a guess of this session; of an account that has none, the sign-in itself has to be fresh. Throws
   * `bad-credentials`, `slow-down`, and `forbidden` with the reason `sign-in-again`.
   */
  async prove(caller: Caller, password: string | undefined): Promise<void> {
    await this.#prove(caller, password);
  }

  /** Sets the first password too. Ends every other session, and makes links to reset the old one worthless. Throws as `prove` does. */
  async change(caller: Caller, { current, password }: PasswordChange): Promise<void> {
    const { username, origin, hash } = await this.#prove(caller, current);
    if (origin === 'guest') throw new ConclaveError('forbidden', 'a guest has no password: ask for an invitation');
    this.passwords.check(password, username);
    const next = await this.passwords.hash(password);
    const after = await this.database.transaction(async (inside) => {
      await inside.rows('select 1 from account where id = $1 for no key update', [caller.user]);
      await requireLive(inside, caller);
      const changed = await inside.run('update account set password_hash = $1 where id = $2 and password_hash is not distinct from $3', [
        next,
        caller.user,
        hash,
      ]);
      if (changed === 0) throw new ConclaveError('conflict', 'the password has just been changed elsewhere: try again with that one');
      await auditAbout(inside, caller.user, 'password-changed', caller.user);
      await forgetResets(inside, caller.user);
      return this.sessions.endAllOf(inside, caller.user, caller.session);
    });
    after();
  }

  async #prove(caller: Caller, password: string | undefined): Promise<Row> {
    const [row] = await this.database.rows<Row>('select username, origin, password_hash as hash from account where id = $1', [caller.user]);
    if (!row) throw new ConclaveError('unauthenticated', 'this account no longer exists');
    const { hash } = row;
    if (hash === null) {
      await this.#requireFresh(caller.session);
      return row;
    }
    if (password === undefined) throw new ConclaveError('bad-credentials', 'your current password is needed for this');
    const right = await this.guesses.attempt(this.guesses.bucketsOfSession(caller.session), () => this.passwords.verify(password, hash));
    if (!right) throw new ConclaveError('bad-credentials', 'this is not your current password');
    return row;
  }

  async #requireFresh(session: string): Promise<void> {
    const fresh = await this.database.rows('select 1 from session where id = $1 and created_at > $2', [session, Date.now() - FRESH_MS]);
    if (fresh.length === 0)
      throw new ConclaveError('forbidden', 'sign in once more, then do this within a quarter of an hour', undefined, 'sign-in-again');
  }
}

/**
 * A request whose session was ended while it was under way makes no door any more: revoking and locking would be in vain. Lock the account's row
 * first. Throws `session-ended`.
 */
export async function requireLive(inside: Queryable, { session }: Pick<Caller, 'session'>): Promise<void> {
  if ((await inside.rows('select 1 from session where id = $1 and ended_at is null', [session])).length === 0)
    throw new ConclaveError('session-ended', 'this session has ended: sign in again');
}

export async function forgetResets(inside: Queryable, user: string): Promise<void> {
  await inside.run('delete from reset_link where account = $1', [user]);
}
