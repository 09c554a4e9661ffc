import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { DeviceId, RoomId, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { AccountRemoval } from '../users/account-removal.service.ts';
import { GroupStore } from './group-store.ts';

/**
 * What groups and logs remember of an account that is deleted (ACC13). A leaf that is still in the group has to stay, by its device, until a member
 * commits the Remove: until then everybody else's tree has it, and no other commit is taken. The group's public state holds the leaf's
 * certificate as long. A room whose every leaf goes forgets its group at once: nobody is left to commit anything.
 */
@Injectable()
export class AccountTraces implements OnModuleInit {
  constructor(
    private readonly removal: AccountRemoval,
    private readonly store: GroupStore,
  ) {}

  onModuleInit(): void {
    this.removal.onRemoved((inside, user, devices) => this.#wipe(inside, user, devices));
  }

  async #wipe(inside: Queryable, user: UserId, devices: DeviceId[]): Promise<() => void> {
    const rooms = await inside.rows<{ room: RoomId }>('select distinct room from room_leaf where account = $1 order by room', [user]);
    const nobody = randomUUID();
    for (const { room } of rooms) {
      await this.store.lock(inside, room);
      await inside.run('delete from room_leaf where room = $1 and account = $2 and to_epoch is not null', [room, user]);
      await forgetAbandoned(inside, room);
      await inside.run(`update room_leaf set account = $3, account_key = '' where room = $1 and account = $2`, [room, user, nobody]);
    }
    for (const table of ['relay_cursor', 'admission', 'key_package_lease'])
      await inside.run(`delete from ${table} where device = any($1)`, [devices]);
    await inside.run(without('room_log', 'added'), [devices]);
    await inside.run(without('room_log', 'removed'), [devices]);
    await inside.run(without('expiry_notice', 'devices'), [devices]);
    await inside.run(`delete from expiry_notice where devices = '{}'`);
    return () => rooms.forEach(({ room }) => this.store.forget(room));
  }
}

/** The generation and the epoch stay, so that the next group is another one. */
async function forgetAbandoned(inside: Queryable, room: RoomId): Promise<void> {
  const abandoned = await inside.run(
    `update room_group set state = null, group_info = null where room = $1
       and not exists (select 1 from room_leaf where room = $1 and to_epoch is null and not removing)`,
    [room],
  );
  if (abandoned > 0) await inside.run('delete from room_leaf where room = $1', [room]);
  // A room that everybody has left is archived: nobody fetches what waits there.
  await inside.run('delete from room_log where room = $1 and not exists (select 1 from membership where room = $1)', [room]);
}

const without = (table: string, column: string): string =>
  `update ${table} set ${column} = array(select d from unnest(${column}) d where d <> all($1::uuid[])) where ${column} && $1::uuid[]`;
