import { Body, Controller, HttpCode, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { NoFilesInterceptor } from '@nestjs/platform-express';
import { ApiBearerAuth, ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { LoginRequest, SignedIn, Ticket } from '../../../libs/protocol/src/index.ts';
import { Public, WhoCalls, type Caller } from '../users/caller.ts';
import { clearRefresh, knownOf, refreshOf, setRefresh } from './cookies.ts';
import { KnownDevices } from './known-devices.service.ts';
import { Login } from './login.service.ts';
import { Sessions } from './sessions.service.ts';
import { Tickets } from './tickets.service.ts';
import { welcome } from './welcome.ts';

const formLimits = { fieldNameSize: 64, fieldSize: 4096, fields: 8, parts: 8, files: 0 };

@ApiTags('auth')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly logins: Login,
    private readonly devices: KnownDevices,
    private readonly sessions: Sessions,
    private readonly tickets: Tickets,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  @UseInterceptors(NoFilesInterceptor({ limits: formLimits }))
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data')
  @ApiOkResponse({ standardSchema: SignedIn })
  async login(
    @Body({ schema: LoginRequest }) request: LoginRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    const opened = await this.logins.login(request, {
      address: http.ip ?? '',
      known: knownOf(http),
      agent: http.headers['user-agent'],
    });
    return welcome(this.devices, opened, http, response);
  }

  @Public()
  @Post('refresh')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SignedIn })
  async refresh(@Req() http: Request, @Res({ passthrough: true }) response: Response): Promise<SignedIn> {
    const opened = await this.sessions.refresh(refreshOf(http));
    setRefresh(http, response, opened.refreshToken);
    return opened.body;
  }

  @Public()
  @Post('logout')
  @HttpCode(204)
  async logout(@Req() http: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.sessions.close(refreshOf(http));
    clearRefresh(http, response);
  }

  @Post('ticket')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: Ticket })
  ticket(@WhoCalls() caller: Caller): Promise<{ ticket: string; expiresAt: number }> {
    return this.tickets.issue(caller.session);
  }
}
