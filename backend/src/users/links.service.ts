import { Injectable } from '@nestjs/common';
import { ConclaveError, type LinkSide, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';

const KEPT_MS = 10 * 60_000;
const PER_ACCOUNT = 10;

/** Mailboxes in which two devices of one account meet to link the newer; the server sees sealed bytes only. */
@Injectable()
export class Links {
  constructor(private readonly database: Database) {}

  async put(user: UserId, mailbox: string, side: LinkSide, sealed: string): Promise<void> {
    await this.database.transaction(async (inside) => {
      await inside.rows('select id from account where id = $1 for no key update', [user]);
      await inside.run('delete from link_message where account = $1 and expires_at <= $2', [user, Date.now()]);
      const [{ count }] = (await inside.rows<{ count: number }>(
        'select count(*)::int as count from link_message where account = $1 and not (mailbox = $2 and side = $3)',
        [user, mailbox, side],
      )) as [{ count: number }];
      if (count >= PER_ACCOUNT) throw new ConclaveError('slow-down', 'too many link attempts: wait ten minutes', KEPT_MS);
      await inside.run(
        `insert into link_message (account, mailbox, side, sealed, expires_at) values ($1, $2, $3, $4, $5)
         on conflict (account, mailbox, side) do update set sealed = excluded.sealed, expires_at = excluded.expires_at`,
        [user, mailbox, side, sealed, Date.now() + KEPT_MS],
      );
    });
  }

  async get(user: UserId, mailbox: string, side: LinkSide): Promise<{ sealed: string }> {
    const [row] = await this.database.rows<{ sealed: string }>(
      'select sealed from link_message where account = $1 and mailbox = $2 and side = $3 and expires_at > $4',
      [user, mailbox, side, Date.now()],
    );
    if (!row) throw new ConclaveError('not-found', 'nothing has arrived here yet');
    return row;
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from link_message where expires_at <= $1', [Date.now()]);
  }
}
