import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { ConclaveError, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

export type Term = { until: number | null; reason: string };
/** Who somebody is to the doors: whom an embedding site names, or a username of this one. */
type Identity = { username: string; handedOver?: { issuer: string; subject: string } };
type Row = { username: string; issuer: string | null; subject: string | null };

/**
 * What a ban from the whole site does to an account (MOD1): it is locked, and a keyed hash of who it was outlives it (ACC13), so that one who is
 * deleted and made again, or handed over once more, is refused as well. The table of hashes names nobody. A lock that an administrator put is another:
 * a ban neither changes it nor takes it along when it ends.
 */
@Injectable()
export class SiteBans {
  constructor(@Inject(SECRETS) private readonly secrets: Secrets) {}

  async put(inside: Queryable, user: UserId, { until, reason }: Term): Promise<void> {
    const now = Date.now();
    await inside.run(
      `update account set locked_at = $2, locked_until = $3, lock_reason = $4, locked_by_ban = true
       where id = $1 and (locked_at is null or locked_by_ban)`,
      [user, now, until, reason],
    );
    await inside.run(
      `insert into ban_mark (hash, until, reason, created_at) values ($1, $2, $3, $4)
       on conflict (hash) do update set until = excluded.until, reason = excluded.reason, created_at = excluded.created_at`,
      [await this.#markOf(inside, user), until, reason, now],
    );
  }

  /** Takes the lock along that the ban put; false where no ban was on the account. */
  async lift(inside: Queryable, user: UserId): Promise<boolean> {
    const now = Date.now();
    const banned = await inside.run('delete from ban where room is null and account = $1', [user]);
    await inside.run('delete from ban_mark where hash = $1', [await this.#markOf(inside, user)]);
    await inside.run(`update account set ${unlocked} where id = $1 and locked_by_ban`, [user]);
    await inside.run(`update moderation_act set ended_at = $2 where room is null and account = $1 and act = 'ban' and ended_at is null`, [
      user,
      now,
    ]);
    return banned > 0;
  }

  /** Whoever put the lock; a ban ends with it. */
  async unlock(inside: Queryable, user: UserId): Promise<void> {
    await this.lift(inside, user);
    await inside.run(`update account set ${unlocked} where id = $1`, [user]);
  }

  /** Before an account is made. Who chooses a name learns only that it is not to be had; who is handed over, that they are banned. */
  async requireWelcome(inside: Queryable, who: Identity): Promise<void> {
    const [mark] = await inside.rows<Term>('select until, reason from ban_mark where hash = $1 and (until is null or until > $2)', [
      this.#hash(who),
      Date.now(),
    ]);
    if (mark && who.handedOver) throw banned('this site', mark);
    if (mark) throw new ConclaveError('name-taken', 'this username is taken: choose another');
  }

  /** An administrator who makes the account by hand again has thought better of it. */
  async pardon(inside: Queryable, username: string): Promise<void> {
    await inside.run('delete from ban_mark where hash = $1', [this.#hash({ username })]);
  }

  /** Bans whose time is over, of rooms and of the site. */
  async sweep(inside: Queryable): Promise<void> {
    const now = Date.now();
    await inside.run(`update account set ${unlocked} where locked_until <= $1`, [now]);
    await inside.run('delete from ban where until <= $1', [now]);
    await inside.run('delete from ban_mark where until <= $1', [now]);
  }

  async #markOf(inside: Queryable, user: UserId): Promise<Buffer> {
    const [row] = await inside.rows<Row>('select username, issuer, subject from account where id = $1', [user]);
    if (!row) throw new ConclaveError('not-found', 'there is no such account');
    const { username, issuer, subject } = row;
    return this.#hash(issuer !== null && subject !== null ? { username, handedOver: { issuer, subject } } : { username });
  }

  #hash({ username, handedOver }: Identity): Buffer {
    const who = handedOver ? `site\0${handedOver.issuer}\0${handedOver.subject}` : `name\0${username}`;
    return createHmac('sha256', this.secrets.mac).update(`ban\0${who}`).digest();
  }
}

const unlocked = 'locked_at = null, locked_until = null, lock_reason = null, locked_by_ban = false';

/** A lock that has an end ends by itself: whoever comes to a door after it finds the door open. */
export async function liftOverdue(inside: Queryable, user: UserId): Promise<void> {
  await inside.run(`update account set ${unlocked} where id = $1 and locked_until <= $2`, [user, Date.now()]);
}

export function banned(from: string, { until, reason }: Term): ConclaveError {
  const end = until === null ? 'until a moderator takes it back' : `until ${new Date(until).toISOString()}`;
  return new ConclaveError('banned', `you are banned from ${from}, ${end}${reason === '' ? '' : `: ${reason}`}`);
}
