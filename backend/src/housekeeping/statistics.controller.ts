import { Controller, Get, Injectable } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Statistics } from '../../../libs/protocol/src/index.ts';
import { Guesses } from '../auth/guesses.service.ts';
import { Presence } from '../presence/presence.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Hold } from '../relay/hold.service.ts';
import { Directory } from '../rooms/directory.service.ts';
import { requireAdmin, WhoCalls, type Caller } from '../users/caller.ts';
import { Users } from '../users/users.service.ts';

/** How the relay is doing. */
@Injectable()
export class RelayFigures {
  constructor(
    private readonly hold: Hold,
    private readonly expiry: Expiry,
  ) {}

  async read(): Promise<Pick<Statistics, 'relayedEnvelopes' | 'waitingEnvelopes'>> {
    return { relayedEnvelopes: this.hold.stored, waitingEnvelopes: await this.expiry.waiting() };
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
  @ApiOkResponse({ standardSchema: Statistics })
  async read(@WhoCalls() caller: Caller): Promise<Statistics> {
    requireAdmin(caller);
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
