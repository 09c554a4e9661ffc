import { Inject, Injectable, Logger } from '@nestjs/common';
import { toBase64url, type DeviceId, type GroupStatus, type RoomId } from '../../../libs/protocol/src/index.ts';
import { makeRemoveProposal } from '../../../libs/mls-wire/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { GroupStore } from './group-store.ts';
import type { RoomGroup } from './room-group.ts';

/** What members are told of their group: its epoch, who must go, who waits to be added. */
@Injectable()
export class GroupStatuses {
  readonly #logger = new Logger(GroupStatuses.name);

  constructor(
    private readonly database: Database,
    private readonly store: GroupStore,
    private readonly presence: Presence,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async of(room: RoomId): Promise<GroupStatus> {
    const group = await this.store.of(room);
    if (mustBeFoundedAnew(group)) return { generation: nextGeneration(group), epoch: -1, removing: [], adding: [] };
    const { generation, epoch } = group;
    return { generation, epoch, removing: await this.#removing(room, group), adding: await this.adding(room) };
  }

  /** Tells everybody in the room; what goes wrong here must not undo what has happened. */
  announce(room: RoomId): void {
    this.of(room)
      .then((group) => this.presence.tell({ room }, { type: 'group', room, group }))
      .catch((error: unknown) => this.#logger.error(error));
  }

  /** Devices of accounts whose key was reset, without a leaf of that key: only a member lets them in again, by an Add. */
  async adding(room: RoomId): Promise<DeviceId[]> {
    const rows = await this.database.rows<{ id: DeviceId }>(
      `select d.id from membership m join account a on a.id = m.account and a.key_was_reset
         join device d on d.account = a.id and d.revoked_at is null and d.account_key = a.account_key
         join room_group g on g.room = m.room
       where m.room = $1 and g.epoch >= 0
         and not exists (select 1 from room_leaf l where l.room = m.room and l.generation = g.generation and l.to_epoch is null
           and l.account = a.id and l.account_key = a.account_key)
         and exists (select 1 from key_package k where k.device = d.id and k.expires_at > $2)
       order by d.id limit 64`,
      [room, Date.now()],
    );
    return rows.map(({ id }) => id);
  }

  async #removing(room: RoomId, group: RoomGroup): Promise<GroupStatus['removing']> {
    const leaving = group.removing;
    const state = leaving.length > 0 ? await this.store.state(this.database, room) : null;
    // A commit between the two reads: its own announcement follows.
    if (!state || state.group.epoch !== group.epoch || state.group.generation !== group.generation) return [];
    const removing: GroupStatus['removing'] = [];
    for (const { leaf, device } of leaving) {
      removing.push({ device, proposal: toBase64url(await makeRemoveProposal(state.group, leaf, this.secrets.server)) });
    }
    return removing;
  }
}

/** No group yet, or nobody left in it who could let anyone in. */
export function mustBeFoundedAnew(group: RoomGroup): boolean {
  return group.epoch < 0 || group.current.every(({ removing }) => removing);
}

export function nextGeneration(group: RoomGroup): number {
  return group.epoch < 0 ? group.generation : group.generation + 1;
}
