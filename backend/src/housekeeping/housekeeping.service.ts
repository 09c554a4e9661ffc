import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Guesses } from '../auth/guesses.service.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { Admissions } from '../groups/admissions.service.ts';
import { KeyPackages } from '../groups/key-packages.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Invites } from '../rooms/invites.service.ts';
import { Links } from '../users/links.service.ts';

const EVERY_MS = 15 * 60_000;

type Sweeper = { name: string; sweep(): Promise<void> };

/** The modules' sweepers, in one list (OPS4). */
@Injectable()
export class Sweepers {
  readonly all: readonly Sweeper[];

  // One more than five: a list of them is all this is.
  constructor(
    sessions: Sessions,
    guesses: Guesses,
    links: Links,
    invites: Invites,
    admissions: Admissions,
    packages: KeyPackages,
    expiry: Expiry,
  ) {
    const named = { sessions, guesses, links, invites, admissions, packages, expiry };
    this.all = Object.entries(named).map(([name, sweeper]) => ({ name, sweep: () => sweeper.sweep() }));
  }
}

/** The clock: every quarter of an hour each module clears up after itself. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  readonly #logger = new Logger(Housekeeping.name);

  constructor(private readonly sweepers: Sweepers) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.sweep(), EVERY_MS);
  }

  /** One after the other; what fails is tried again next time, and keeps nobody else from clearing up. */
  sweep(): Promise<void> {
    this.#round ??= this.#sweepAll().finally(() => (this.#round = null));
    return this.#round;
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#round;
  }

  async #sweepAll(): Promise<void> {
    for (const sweeper of this.sweepers.all) {
      try {
        await sweeper.sweep();
      } catch (error) {
        this.#logger.error(error, sweeper.name);
      }
    }
  }
}
