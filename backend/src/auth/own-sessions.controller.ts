import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { PasswordChange, SessionId, SessionLines, type SessionLine } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { OwnPassword } from './own-password.service.ts';
import { Sessions } from './sessions.service.ts';

/** Where one is signed in, and by which password (ACC7, ACC13). */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/me')
export class OwnSessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly password: OwnPassword,
  ) {}

  @Get('sessions')
  @ApiOkResponse({ standardSchema: SessionLines })
  list(@WhoCalls() caller: Caller): Promise<SessionLine[]> {
    return this.sessions.list(caller.user, caller.session);
  }

  /** All but the one that asks. */
  @Delete('sessions')
  @HttpCode(204)
  @ApiNoContentResponse()
  async endOthers(@WhoCalls() caller: Caller): Promise<void> {
    await this.sessions.endOthers(caller.user, caller.session);
  }

  @Delete('sessions/:session')
  @HttpCode(204)
  @ApiNoContentResponse()
  async end(@WhoCalls() caller: Caller, @Param('session', { schema: SessionId }) session: string): Promise<void> {
    await this.sessions.endOne(caller.user, session);
  }

  @Put('password')
  @HttpCode(204)
  @ApiNoContentResponse()
  async changePassword(@WhoCalls() caller: Caller, @Body({ schema: PasswordChange }) request: PasswordChange): Promise<void> {
    await this.password.change(caller, request);
  }
}
