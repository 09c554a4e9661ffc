import type { UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

export type Act = 'setup' | 'invite-made' | 'invite-revoked' | 'device-removed' | 'account-key-reset';

/** One row per act of consequence (MOD5), in the same transaction as the act. */
export async function audit(inside: Queryable, actor: UserId | null, act: Act, subject: string): Promise<void> {
  await inside.run('insert into audit (at, actor, act, subject) values ($1, $2, $3, $4)', [Date.now(), actor, act, subject]);
}
