import { Injectable } from '@nestjs/common';
import { ConclaveError, type ClientFrame } from '../../../libs/protocol/src/index.ts';
import type { Connection } from '../presence/connection.ts';

type Sums = Extract<ClientFrame, { type: 'sums' }>;

/** Timers are not exact: a minute may be a little shorter here. */
const MINUTE_MS = 55_000;

/**
 * How many messages went directly, as clients say (MOD4): one number for everybody together, and nothing of who said what. A client may lie, but not
 * by much: each connection speaks once a minute, of numbers that are bounded.
 */
@Injectable()
export class DirectSums {
  /** Since start. */
  direct = 0;
  readonly #heardAt = new WeakMap<Connection, number>();

  /** Throws `slow-down`: what is said too early is not counted, and may be said again together with the next. */
  hear(connection: Connection, { direct }: Sums): void {
    const wait = (this.#heardAt.get(connection) ?? -Infinity) + MINUTE_MS - performance.now();
    if (wait > 0) throw new ConclaveError('slow-down', 'sums are told once a minute', Math.ceil(wait));
    this.#heardAt.set(connection, performance.now());
    this.direct += direct;
  }
}
