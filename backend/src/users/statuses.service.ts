import { Injectable } from '@nestjs/common';
import { ConclaveError, type OwnStatus, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Budgets } from '../presence/budgets.ts';
import { Presence } from '../presence/presence.service.ts';

/** What people chose to say of whether they are there (PRES1); it holds for all their devices, and over a restart. */
@Injectable()
export class Statuses {
  /** Each change is told to everybody in each room of theirs. */
  readonly #changes = new Budgets(0.2, 10);

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
  ) {}

  async of(user: UserId): Promise<OwnStatus> {
    const [row] = await this.database.rows<OwnStatus>(
      `select status, status_text as text, status_until as until from account where id = $1`,
      [user],
    );
    if (!row) throw new ConclaveError('unauthenticated', 'this account no longer exists');
    return row.until !== null && row.until <= Date.now() ? { ...row, text: '', until: null } : row;
  }

  /** Throws `slow-down` for who changes it all the time. */
  async choose(user: UserId, { status, text, until }: OwnStatus): Promise<void> {
    const wait = this.#changes.take(user);
    if (wait > 0) throw new ConclaveError('slow-down', 'your status was changed often just now: go on in a moment', wait);
    const chosen = { status, text, until: text === '' ? null : until };
    await this.database.run('update account set status = $2, status_text = $3, status_until = $4 where id = $1', [
      user,
      chosen.status,
      chosen.text,
      chosen.until,
    ]);
    this.presence.setStatus(user, chosen);
  }
}
