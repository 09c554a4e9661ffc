import { Injectable } from '@nestjs/common';
import { ConclaveError, roomLimits, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';

/** Whom somebody has blocked, and by whom they are blocked. */
type Between = { mine: boolean; theirs: boolean };

/** People block people (MOD2): nothing passes between them in their conversation, and neither begins another. Who is blocked is not told. */
@Injectable()
export class Blocks {
  constructor(private readonly database: Database) {}

  async of(user: UserId): Promise<UserId[]> {
    const rows = await this.database.rows<{ blocked: UserId }>('select blocked from block where account = $1 order by since, blocked', [
      user,
    ]);
    return rows.map(({ blocked }) => blocked);
  }

  /** Throws `not-found`, `conflict` for more than anybody needs. */
  async block(user: UserId, other: UserId): Promise<void> {
    if (user === other) throw new ConclaveError('bad-request', 'user: you cannot block yourself');
    await this.database.transaction(async (inside) => {
      await inside.rows('select id from account where id = $1 for no key update', [user]);
      if ((await inside.rows('select 1 from account where id = $1', [other])).length === 0)
        throw new ConclaveError('not-found', 'there is nobody of this id');
      const [row] = await inside.rows<{ count: number }>('select count(*)::int as count from block where account = $1 and blocked <> $2', [
        user,
        other,
      ]);
      if (row!.count >= roomLimits.blocks)
        throw new ConclaveError('conflict', `you have blocked ${roomLimits.blocks} people: unblock some first`);
      await inside.run('insert into block (account, blocked, since) values ($1, $2, $3) on conflict (account, blocked) do nothing', [
        user,
        other,
        Date.now(),
      ]);
    });
  }

  async unblock(user: UserId, other: UserId): Promise<void> {
    await this.database.run('delete from block where account = $1 and blocked = $2', [user, other]);
  }

  async between(inside: Queryable, user: UserId, other: UserId): Promise<Between> {
    const rows = await inside.rows<{ account: UserId }>(
      'select account from block where (account = $1 and blocked = $2) or (account = $2 and blocked = $1)',
      [user, other],
    );
    const by = (id: UserId) => rows.some(({ account }) => account === id);
    return { mine: by(user), theirs: by(other) };
  }
}
