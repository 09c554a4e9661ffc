import { Controller, Get, Injectable } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { LiveStatistics, Statistics, StatisticsHistory } from '../../../libs/protocol/src/index.ts';
import { Guesses } from '../auth/guesses.service.ts';
import { Presence } from '../presence/presence.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Hold } from '../relay/hold.service.ts';
import { Directory } from '../rooms/directory.service.ts';
import { requireHouse } from '../moderation/house-rooms.service.ts';
import { Scope, ScopeOrSession, WhoCalls, type Caller } from '../users/caller.ts';
import { Users } from '../users/users.service.ts';
import { History } from './history.service.ts';
import { LiveFigures } from './live-statistics.service.ts';
import { DirectSums } from './sums.service.ts';

/** How messages travel. */
@Injectable()
export class RelayFigures {
  constructor(
    private readonly hold: Hold,
    private readonly expiry: Expiry,
    private readonly sums: DirectSums,
  ) {}

  async read(): Promise<Pick<Statistics, 'relayedEnvelopes' | 'waitingEnvelopes' | 'directMessages'>> {
    return { relayedEnvelopes: this.hold.stored, directMessages: this.sums.direct, waitingEnvelopes: await this.expiry.waiting() };
  }
}

@ApiTags('admin')
@ApiBearerAuth()
@Controller('api/admin/statistics')
export class StatisticsController {
  constructor(
    private readonly presence: Presence,
    private readonly users: Users,
    private readonly directory: Directory,
    private readonly guesses: Guesses,
    private readonly relay: RelayFigures,
  ) {}

  @Get()
  @Scope('statistics:read')
  @ApiOkResponse({ standardSchema: Statistics })
  async read(): Promise<Statistics> {
    return {
      uptimeMs: Math.round(process.uptime() * 1000),
      sockets: this.presence.sockets,
      signedIn: this.presence.signedIn,
      users: await this.users.count(),
      rooms: await this.directory.count(),
      failedLogins: this.guesses.failures,
      lockedAccounts: await this.guesses.lockedAccounts(),
      ...(await this.relay.read()),
    };
  }
}

/** The same for plots, and for the page of the embedding site (API5). */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('api')
export class PlotsController {
  constructor(
    private readonly history: History,
    private readonly figures: LiveFigures,
  ) {}

  @Get('admin/statistics/history')
  @ScopeOrSession('statistics:read')
  @ApiOkResponse({ standardSchema: StatisticsHistory })
  past(@WhoCalls() caller: Caller): StatisticsHistory {
    if (!caller.token) requireHouse(caller);
    return this.history.read();
  }

  @Get('statistics')
  @Scope('statistics:read')
  @ApiOkResponse({ standardSchema: LiveStatistics })
  now(): Promise<LiveStatistics> {
    return this.figures.read();
  }
}
