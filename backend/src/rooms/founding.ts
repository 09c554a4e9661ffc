import { ConclaveError, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

/** Rooms that one account may own at a time. */
const OWNED = 50;

/**
 * Names of rooms are everybody's: a guest, who is gone tomorrow, takes none, and nobody takes them all. Rooms that are made at once wait for each other.
 * Throws `forbidden`, `conflict`.
 */
export async function requireMayFound(inside: Queryable, owner: UserId): Promise<void> {
  const [account] = await inside.rows<{ origin: string }>('select origin from account where id = $1 for no key update', [owner]);
  if (account?.origin === 'guest')
    throw new ConclaveError('forbidden', 'guests make no rooms: make an account, or ask a member to make one');
  const [{ owned }] = (await inside.rows<{ owned: number }>(
    `select count(*)::int as owned from membership m join room r on r.id = m.room
     where m.account = $1 and m.role = 'owner' and r.archived_at is null`,
    [owner],
  )) as [{ owned: number }];
  if (owned >= OWNED)
    throw new ConclaveError('conflict', `you own ${OWNED} rooms, and that is the most: leave one before you make another`);
}
