import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { Device, DeviceId, SessionId, SessionLines, UserId, type SessionLine } from '../../../libs/protocol/src/index.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { Database } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import { Scope, WhoCalls, type Caller } from '../users/caller.ts';
import { Devices } from '../users/devices.service.ts';
import { AccountList } from './account-list.service.ts';
import { requirePersonFor } from './administrators.ts';

const DeviceLines = z.array(Device);

/** Where somebody is signed in and on what, for an operator (ACC14). */
@ApiTags('accounts')
@ApiBearerAuth()
@Controller('api/admin/accounts/:user')
export class AccountAccessController {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountList,
    private readonly sessions: Sessions,
    private readonly devices: Devices,
  ) {}

  @Get('sessions')
  @Scope('accounts:read')
  @ApiOkResponse({ standardSchema: SessionLines })
  async listSessions(@Param('user', { schema: UserId }) user: UserId): Promise<SessionLine[]> {
    await this.accounts.line(user);
    return this.sessions.list(user);
  }

  @Delete('sessions')
  @HttpCode(204)
  @Scope('accounts:write')
  @ApiNoContentResponse()
  async endSessions(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<void> {
    requirePersonFor((await this.accounts.line(user)).role, caller);
    const after = await this.database.transaction(async (inside) => {
      const ended = await this.sessions.endAllOf(inside, user);
      await auditAbout(inside, caller.user, 'session-ended', user);
      return ended;
    });
    after();
  }

  @Delete('sessions/:session')
  @HttpCode(204)
  @Scope('accounts:write')
  @ApiNoContentResponse()
  async endSession(
    @WhoCalls() caller: Caller,
    @Param('user', { schema: UserId }) user: UserId,
    @Param('session', { schema: SessionId }) session: string,
  ): Promise<void> {
    requirePersonFor((await this.accounts.line(user)).role, caller);
    const after = await this.database.transaction(async (inside) => {
      const ended = await this.sessions.endOneOf(inside, user, session);
      await auditAbout(inside, caller.user, 'session-ended', user);
      return ended;
    });
    after();
  }

  @Get('devices')
  @Scope('accounts:read')
  @ApiOkResponse({ standardSchema: DeviceLines })
  async listDevices(@Param('user', { schema: UserId }) user: UserId): Promise<Device[]> {
    await this.accounts.line(user);
    return (await this.devices.list({ user, device: null })).devices;
  }

  @Delete('devices/:device')
  @HttpCode(204)
  @Scope('accounts:write')
  @ApiNoContentResponse()
  async removeDevice(
    @WhoCalls() caller: Caller,
    @Param('user', { schema: UserId }) user: UserId,
    @Param('device', { schema: DeviceId }) device: DeviceId,
  ): Promise<void> {
    requirePersonFor((await this.accounts.line(user)).role, caller);
    await this.devices.removeOf(caller.user, user, device);
  }
}
