import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConclaveError, type ExpelReason, type ModerationStatement, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { Rights } from '../management/accounts.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import type { Caller } from '../users/caller.ts';
import { SiteBans } from '../users/site-bans.service.ts';
import type { Target } from './grounds.ts';

/** What an act has done: where a membership ended, whether it goes on holding, and what to call once it is committed. */
export type Effect = { rooms: RoomId[]; holds: boolean; after: () => void };
const LONGEST_MS = 100 * 366 * 86_400_000;
const nothing = { rooms: [], after: () => undefined };

/** What each act does in the database. */
@Injectable()
export class Effects {
  constructor(
    private readonly rooms: Rooms,
    private readonly rights: Rights,
    private readonly bans: SiteBans,
  ) {}

  async of(inside: Queryable, caller: Caller, act: ModerationStatement, target: Target): Promise<Effect> {
    const { room, user } = act;
    requireAhead(act.until ?? null);
    switch (act.act) {
      case 'kick':
        return { ...(await this.#end(inside, [room!], user, 'kicked')), holds: false };
      case 'ban':
        return { ...(await this.#ban(inside, caller, act, target)), holds: true };
      case 'unban':
        await this.#unban(inside, room, user);
        return { ...nothing, holds: false };
      case 'mute':
        await endHolding(inside, room, user, 'mute');
        return { ...nothing, holds: true };
      case 'unmute':
        if ((await endHolding(inside, room, user, 'mute')) === 0) throw new ConclaveError('conflict', 'they are not muted');
        return { ...nothing, holds: false };
      case 'rules':
        await endHolding(inside, room, user, 'rules');
        return { ...nothing, holds: Object.values(act.rules ?? {}).includes(true) };
    }
  }

  async #ban(inside: Queryable, caller: Caller, act: ModerationStatement, target: Target): Promise<Omit<Effect, 'holds'>> {
    const { room, user, until = null, reason } = act;
    await endHolding(inside, room, user, 'ban');
    await inside.run('delete from room_waiting where account = $1 and ($2::uuid is null or room = $2)', [user, room]);
    await inside.run(
      `insert into ban (id, room, account, until, reason, made_by, by_name, created_at)
       values ($1, $2, $3, $4, $5, (select audit_id from account where id = $6), $7, $8)
       on conflict (room, account) do update set until = excluded.until, reason = excluded.reason, made_by = excluded.made_by,
         by_name = excluded.by_name, created_at = excluded.created_at`,
      [randomUUID(), room, user, until, reason, caller.token ? null : caller.user, caller.token ? 'the embedding site' : '', Date.now()],
    );
    if (room !== null) return target.here === null ? nothing : this.#end(inside, [room], user, 'banned');
    await this.bans.put(inside, user, { until, reason });
    const left = await this.#end(inside, (await this.rooms.mine(user, inside)).sort(), user, 'banned');
    const signedOut = await this.rights.end(inside, user);
    return { rooms: left.rooms, after: () => (left.after(), signedOut()) };
  }

  async #unban(inside: Queryable, room: RoomId | null, user: UserId): Promise<void> {
    if (room === null ? await this.bans.lift(inside, user) : await liftFrom(inside, room, user)) return;
    throw new ConclaveError('conflict', 'they are not banned');
  }

  /** With the memberships go the envelopes that still wait for this person's devices there: nobody fetches them any more. */
  async #end(inside: Queryable, rooms: RoomId[], user: UserId, reason: ExpelReason): Promise<Omit<Effect, 'holds'>> {
    const after: (() => void)[] = [];
    for (const room of rooms) after.push(await this.rooms.remove(inside, room, user, reason));
    await dropWaiting(inside, rooms, user);
    return { rooms, after: () => after.forEach((then) => then()) };
  }
}

function requireAhead(until: number | null): void {
  if (until !== null && (until <= Date.now() || until > Date.now() + LONGEST_MS))
    throw new ConclaveError('bad-request', 'until: has passed already, or is further off than a hundred years');
}

async function liftFrom(inside: Queryable, room: RoomId, user: UserId): Promise<boolean> {
  await endHolding(inside, room, user, 'ban');
  return (await inside.run('delete from ban where room = $1 and account = $2', [room, user])) > 0;
}

/** What held until now holds no longer: a later act of the kind takes its place. */
function endHolding(inside: Queryable, room: RoomId | null, user: UserId, act: 'ban' | 'mute' | 'rules'): Promise<number> {
  return inside.run(
    `update moderation_act set ended_at = $4 where room is not distinct from $1::uuid and account = $2 and act = $3 and ended_at is null`,
    [room, user, act, Date.now()],
  );
}

async function dropWaiting(inside: Queryable, rooms: RoomId[], user: UserId): Promise<void> {
  const devices = (await inside.rows<{ id: string }>('select id from device where account = $1', [user])).map(({ id }) => id);
  await inside.run(
    `update room_log set targets = array(select t from unnest(targets) t where t <> all($2::uuid[]))
     where room = any($1) and kind = 'envelope' and targets && $2::uuid[]`,
    [rooms, devices],
  );
  await inside.run(`delete from room_log where room = any($1) and kind = 'envelope' and targets = '{}'`, [rooms]);
}
