import { Injectable } from '@nestjs/common';
import { ConclaveError, type DeviceId, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { auditDeparture } from './audit.ts';
import { Devices } from './devices.service.ts';

/** What the deletion of an account means to a module, in the same transaction; the result is called once it is committed. */
type Farewell = (inside: Queryable, user: UserId, devices: DeviceId[]) => Promise<() => void>;

/**
 * Deletes an account and everything that names it (ACC13). What others still need keeps no id of the account: its leaves are in the groups until
 * a member commits the Remove (groups/account-traces.ts), what its devices wrote waits in the log for whom it was written for, 30 days at
 * most, 60 for commits. In the audit log stays a random id that means nobody any more.
 */
@Injectable()
export class AccountRemoval {
  readonly #farewells: Farewell[] = [];

  constructor(private readonly devices: Devices) {}

  /** In the order of the modules: rooms are left before groups forget the traces. */
  onRemoved(farewell: Farewell): void {
    this.#farewells.push(farewell);
  }

  /** `actor` null: the host. What this gives is called once the transaction is committed. */
  async remove(inside: Queryable, actor: UserId | null, user: UserId): Promise<() => void> {
    await inside.rows('select id from account where id = $1 for update', [user]);
    await requireAnotherAdmin(inside, user);
    const log = await auditDeparture(inside, actor, user);
    const devices = (await inside.rows<{ id: DeviceId }>('select id from device where account = $1', [user])).map(({ id }) => id);
    const after = [await this.devices.dismiss(inside, user, devices)];
    for (const farewell of this.#farewells) after.push(await farewell(inside, user, devices));
    await inside.run('delete from challenge where device = any($1)', [devices]);
    await inside.run('delete from session where account = $1', [user]); // before their devices, which they refer to
    await inside.run('delete from account where id = $1', [user]);
    await log();
    return () => after.forEach((then) => then());
  }
}

/**
 * A site never loses its last administrator who can sign in: is not locked, and has a password or a passkey here. Who comes by another site does
 * not count, since that site may stop sending them. Those who race wait for each other.
 */
export async function requireAnotherAdmin(inside: Queryable, user: UserId): Promise<void> {
  const admins = await inside.rows<{ id: UserId; open: boolean }>(
    `select id, locked_at is null and (password_hash is not null or exists (select 1 from passkey where account = account.id)) as open
     from account where role = 'admin' order by id for update`,
  );
  if (!admins.some(({ id }) => id === user) || admins.some(({ id, open }) => id !== user && open)) return;
  throw new ConclaveError('conflict', 'this is the last administrator of the site: make somebody else one first', undefined, 'last-admin');
}
