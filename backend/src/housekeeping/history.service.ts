import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { StatisticsHistory } from '../../../libs/protocol/src/index.ts';
import { Guesses } from '../auth/guesses.service.ts';
import { Presence } from '../presence/presence.service.ts';
import { Hold } from '../relay/hold.service.ts';
import { Directory } from '../rooms/directory.service.ts';
import { DirectSums } from './sums.service.ts';

type Sample = StatisticsHistory['samples'][number];
type Totals = Pick<Sample, 'relayed' | 'direct' | 'failedLogins'>;

const STEP_MS = 10_000;
const SAMPLES = 360; // an hour

/** The last hour of this process, in steps, for plots (MOD4). In memory: it begins anew with the process. */
@Injectable()
export class History implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(History.name);
  readonly #samples: Sample[] = [];
  #before: Totals;
  #rooms = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly presence: Presence,
    private readonly directory: Directory,
    private readonly guesses: Guesses,
    private readonly hold: Hold,
    private readonly sums: DirectSums,
  ) {
    this.#before = this.#totals();
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.sample(), STEP_MS);
  }

  beforeApplicationShutdown(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  read(): StatisticsHistory {
    return { stepMs: STEP_MS, samples: [...this.#samples] };
  }

  /** Takes one now: how things stand, and what has happened since the one before. */
  async sample(): Promise<void> {
    try {
      this.#rooms = await this.directory.count();
    } catch (error) {
      this.#logger.debug(error); // the database says itself that it is away; until it is back there are as many as there were
    }
    const now = this.#totals();
    const { sockets, signedIn } = this.presence;
    this.#samples.push({ at: Date.now(), sockets, signedIn, rooms: this.#rooms, ...minus(now, this.#before) });
    this.#before = now;
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  #totals(): Totals {
    return { relayed: this.hold.stored, direct: this.sums.direct, failedLogins: this.guesses.failures };
  }
}

const minus = (now: Totals, before: Totals): Totals => ({
  relayed: now.relayed - before.relayed,
  direct: now.direct - before.direct,
  failedLogins: now.failedLogins - before.failedLogins,
});
