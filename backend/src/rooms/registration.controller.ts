import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import * as z from 'zod';
import {
  Invite,
  InviteRequest,
  NewInvite,
  RegisterRequest,
  SetupRequest,
  SignedIn,
  SiteConfig,
  toBase64url,
  UserId,
} from '../../../libs/protocol/src/index.ts';
import { setRefresh } from '../auth/cookies.ts';
import type { Opened } from '../auth/sessions.service.ts';
import { CONFIG, type Config } from '../config.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { Public, requireAdmin, WhoCalls, type Caller } from '../users/caller.ts';
import { version } from '../version.ts';
import { Invites } from './invites.service.ts';
import { Registration } from './registration.service.ts';
import { Setup } from './setup.service.ts';

@ApiTags('joining the site')
@Controller('api')
export class RegistrationController {
  constructor(
    private readonly setups: Setup,
    private readonly registrations: Registration,
    private readonly invites: Invites,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  @Public()
  @Get('config')
  @ApiOkResponse({ standardSchema: SiteConfig })
  async site(): Promise<SiteConfig> {
    const { siteName: name, registration, relay } = this.config;
    return {
      name,
      version,
      setupNeeded: await this.setups.needed(),
      registration,
      relay,
      serverKey: toBase64url(this.secrets.server.publicKey),
    };
  }

  @Public()
  @Post('setup')
  @ApiCreatedResponse({ standardSchema: SignedIn })
  async setup(
    @Body({ schema: SetupRequest }) request: z.output<typeof SetupRequest>,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return answer(await this.setups.complete(request), http, response);
  }

  @Public()
  @Post('auth/register')
  @ApiCreatedResponse({ standardSchema: SignedIn })
  async register(
    @Body({ schema: RegisterRequest }) request: RegisterRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return answer(await this.registrations.register(request), http, response);
  }

  @Get('invites')
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: z.array(Invite) })
  async list(@WhoCalls() caller: Caller): Promise<Invite[]> {
    requireAdmin(caller);
    return this.invites.list();
  }

  @Post('invites')
  @ApiBearerAuth()
  @ApiCreatedResponse({ standardSchema: NewInvite })
  async invite(@WhoCalls() caller: Caller, @Body({ schema: InviteRequest }) request: InviteRequest): Promise<NewInvite> {
    requireAdmin(caller);
    return this.invites.create(caller.user, request);
  }

  @Delete('invites/:id')
  @HttpCode(204)
  @ApiBearerAuth()
  async revoke(@WhoCalls() caller: Caller, @Param('id', { schema: UserId }) id: string): Promise<void> {
    requireAdmin(caller);
    await this.invites.revoke(caller.user, id);
  }
}

function answer(opened: Opened, request: Request, response: Response): SignedIn {
  setRefresh(request, response, opened.refreshToken);
  return opened.body;
}
