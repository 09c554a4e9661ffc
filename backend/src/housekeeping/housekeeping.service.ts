import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Guesses } from '../auth/guesses.service.ts';
import { HandoffUses } from '../auth/handoff/handoff-uses.service.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { SealedFiles } from '../files/sealed-files.service.ts';
import { Admissions } from '../groups/admissions.service.ts';
import { KeyPackages } from '../groups/key-packages.service.ts';
import { BanList } from '../moderation/ban-list.service.ts';
import { Reports } from '../moderation/reports.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { GuestFarewell } from '../rooms/guests.service.ts';
import { Invites } from '../rooms/invites.service.ts';
import { RoomInvites } from '../rooms/room-invites.service.ts';
import { Waiting } from '../rooms/waiting.service.ts';
import { ApiTokens } from '../users/api-tokens.service.ts';
import { Links } from '../users/links.service.ts';
import { IdleDevices } from './idle-devices.service.ts';

const EVERY_MS = 15 * 60_000;

type Sweeper = { name: string; sweep(): Promise<void> };

/** The modules' sweepers, in one list (OPS4). */
@Injectable()
export class Sweepers {
  readonly all: readonly Sweeper[];

  // More than five: a list of them is all this is.
  constructor(
    sessions: Sessions,
    guesses: Guesses,
    links: Links,
    tokens: ApiTokens,
    handoff: HandoffUses,
    guests: GuestFarewell,
    invites: Invites,
    admissions: Admissions,
    packages: KeyPackages,
    expiry: Expiry,
    waiting: Waiting,
    roomInvites: RoomInvites,
    bans: BanList,
    reports: Reports,
    files: SealedFiles,
    idleDevices: IdleDevices,
  ) {
    const named = {
      sessions,
      guesses,
      links,
      tokens,
      handoff,
      guests,
      invites,
      admissions,
      packages,
      expiry,
      waiting,
      roomInvites,
      bans,
      reports,
      files,
      idleDevices,
    };
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
