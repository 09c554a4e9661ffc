import { Inject, Injectable } from '@nestjs/common';
import type { RoomId, UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Budgets } from '../presence/budgets.ts';

const BURST = 60; // as of a socket

/**
 * Counts what an account sends into a room, over all its sockets (MOD6): the server sees no words, so it counts envelopes. Each socket has a budget
 * of its own as well, which alone would make eight sockets eight times as loud. Receipts are envelopes, too: five devices that each send one every two
 * seconds are 150 a minute, and must not be taken for a flood.
 */
@Injectable()
export class Floods {
  readonly #budgets: Budgets | null;

  constructor(@Inject(CONFIG) { floodPerMinute }: Config) {
    this.#budgets = floodPerMinute === 0 ? null : new Budgets(floodPerMinute / 60, BURST);
  }

  /** 0 when one more is no flood, else the milliseconds until it would be none. */
  take(user: UserId, room: RoomId): number {
    return this.#budgets?.take(`${user} ${room}`) ?? 0;
  }
}
