import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConclaveError, roomLimits, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Devices } from '../users/devices.service.ts';
import { Overflow } from './overflow.service.ts';
import { Rooms } from './rooms.service.ts';

const isFull = (error: unknown): boolean => error instanceof ConclaveError && error.code === 'room-full';

/** Whoever finds a room full waits in line, and comes in as soon as there is a place (ROOM11). */
@Injectable()
export class Waiting implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger('rooms');
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly devices: Devices,
    private readonly overflow: Overflow,
  ) {}

  onModuleInit(): void {
    this.rooms.onLeft(async (_inside, room) => () => this.#soon(room));
    this.devices.onRemoved(async (inside, user) => {
      const rooms = await this.rooms.mine(user, inside);
      return () => rooms.forEach((room) => this.#soon(room));
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Gives the room that took them: this one, or where it opens others when it is full, one of those. Throws `room-full` with the place in line. */
  async enter(user: UserId, room: RoomId): Promise<RoomId> {
    try {
      await this.#admit(user, room);
      return room;
    } catch (error) {
      if (!isFull(error)) throw error;
      return (await this.#elsewhere(user, room)) ?? (await this.#queue(user, room));
    }
  }

  /** Out of the line; false when they did not stand in it. */
  async leave(user: UserId, room: RoomId): Promise<boolean> {
    return (await this.database.run('delete from room_waiting where room = $1 and account = $2', [room, user])) > 0;
  }

  /** First come, first in, as long as there are places. */
  async letIn(room: RoomId): Promise<void> {
    for (;;) {
      const [next] = await this.database.rows<{ user: UserId }>(
        'select account as user from room_waiting where room = $1 order by since, account limit 1',
        [room],
      );
      if (!next) return;
      try {
        await this.#admit(next.user, room);
      } catch (error) {
        if (isFull(error)) return;
        if (!(error instanceof ConclaveError) || error.shouldRetry()) throw error;
      }
      await this.leave(next.user, room); // they are in, or may not come in any more
    }
  }

  /** Places that became free on another server. */
  async sweep(): Promise<void> {
    const rows = await this.database.rows<{ room: RoomId }>('select distinct room from room_waiting order by room');
    for (const { room } of rows) await this.letIn(room);
  }

  async #admit(user: UserId, room: RoomId): Promise<void> {
    if (await this.database.transaction((inside) => this.rooms.admit(inside, user, room))) await this.rooms.tellJoined(room, user);
  }

  async #elsewhere(user: UserId, room: RoomId): Promise<RoomId | null> {
    for await (const other of this.overflow.of(room)) {
      try {
        await this.#admit(user, other);
        return other;
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    return null;
  }

  async #queue(user: UserId, room: RoomId): Promise<never> {
    const full = (text: string) => new ConclaveError('room-full', `this room is full${text}`);
    const place = await this.database.transaction(async (inside) => {
      await inside.rows('select id from room where id = $1 for no key update', [room]);
      await inside.run(
        `insert into room_waiting (room, account, since) select $1, $2, $3
         where (select count(*) from room_waiting where room = $1) < ${roomLimits.waiting} on conflict (room, account) do nothing`,
        [room, user, Date.now()],
      );
      const [row] = await inside.rows<{ place: number }>(
        `select (select count(*)::int from room_waiting o where o.room = w.room and (o.since, o.account) <= (w.since, w.account)) as place
         from room_waiting w where w.room = $1 and w.account = $2`,
        [room, user],
      );
      return row?.place;
    });
    if (place === undefined) throw full(', and so is the line before it: try again later');
    throw full(`: you are number ${place} in line, and come in as soon as a place is free`);
  }

  #soon(room: RoomId): void {
    const running = this.letIn(room)
      .catch((error: unknown) => this.#logger.error(error)) // the next sweep lets them in
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
