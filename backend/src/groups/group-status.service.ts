import { Inject, Injectable, Logger } from '@nestjs/common';
import { toBase64url, type DeviceId, type GroupStatus, type RoomId } from '../../../libs/protocol/src/index.ts';
import { makeRemoveProposal } from '../../../libs/mls-wire/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { GroupStore } from './group-store.ts';
import type { RoomGroup } from './room-group.ts';

type Newcomer = { device: DeviceId; invitation: Uint8Array | null };

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
    if (mustBeFoundedAnew(group)) return { generation: nextGeneration(group), epoch: -1, removing: [], adding: [], invited: [] };
    const { generation, epoch, context } = group;
    const waiting = await this.#waiting(room);
    return {
      generation,
      epoch,
      ...(context ? { context: toBase64url(context) } : {}),
      removing: await this.#removing(room, group),
      adding: waiting.map(({ device }) => device),
      invited: waiting.flatMap(({ device, invitation }) => (invitation ? [{ device, invitation: toBase64url(invitation) }] : [])),
    };
  }

  /** Tells everybody in the room; what goes wrong here must not undo what has happened. */
  announce(room: RoomId): void {
    this.of(room)
      .then((group) => this.presence.tell({ room }, { type: 'group', room, group }))
      .catch((error: unknown) => this.#logger.error(error));
  }

  /**
   * Devices that only a member lets in, by an Add: in rooms with a password, hidden rooms and conversations every member's device without a leaf
   * that stays (who lost their keys goes and comes in one commit, so that members see them still there); in open rooms those of accounts whose
   * key was reset, without a leaf of that key. Who was invited comes first, then who came first: an id of a device can be ground to be the smallest.
   */
  #waiting(room: RoomId): Promise<Newcomer[]> {
    return this.database.rows<Newcomer>(
      `select d.id as device, m.invitation from membership m join account a on a.id = m.account join room r on r.id = m.room
         join device d on d.account = a.id and d.revoked_at is null and d.account_key = a.account_key
         join room_group g on g.room = m.room
       where m.room = $1 and g.epoch >= 0 and case when r.kind = 'open'
           then a.key_was_reset and not exists (select 1 from room_leaf l where l.room = m.room and l.generation = g.generation and l.to_epoch is null
             and l.account = a.id and l.account_key = a.account_key)
           else not exists (select 1 from room_leaf l where l.room = m.room and l.generation = g.generation and l.to_epoch is null
             and l.device = d.id and not l.removing) end
         and exists (select 1 from key_package k where k.device = d.id and k.expires_at > $2)
       order by m.invitation is null, m.since, d.id limit 64`,
      [room, Date.now()],
    );
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
