import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  DeviceChallenge,
  DeviceChallengeRequest,
  DeviceLogin as DeviceLoginRequest,
  PasskeyLogin as PasskeyLoginRequest,
  PasskeyOptions,
  ResetRequest,
  SignedIn,
} from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Public } from '../users/caller.ts';
import { DeviceLogin } from './device-login.service.ts';
import { KnownDevices } from './known-devices.service.ts';
import { PasskeyLogin } from './passkey-login.service.ts';
import { relyingParty } from './relying-party.ts';
import { ResetLinks } from './reset-links.service.ts';
import { welcome } from './welcome.ts';

/** The doors beside the password: they stay open however often somebody guesses (ACC5). */
@ApiTags('auth')
@Public()
@Controller('api/auth')
export class DoorsController {
  constructor(
    private readonly passkeys: PasskeyLogin,
    private readonly devices: DeviceLogin,
    private readonly resets: ResetLinks,
    private readonly known: KnownDevices,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('passkey/options')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: PasskeyOptions })
  async passkeyOptions(@Req() http: Request): Promise<{ options: object }> {
    return { options: await this.passkeys.options(relyingParty(this.config, http)) };
  }

  @Post('passkey')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SignedIn })
  async passkey(
    @Body({ schema: PasskeyLoginRequest }) request: PasskeyLoginRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    const opened = await this.passkeys.login(request, relyingParty(this.config, http), http.headers['user-agent']);
    return welcome(this.known, opened, http, response);
  }

  @Post('device/challenge')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: DeviceChallenge })
  challenge(@Body({ schema: DeviceChallengeRequest }) { device }: { device: string }): DeviceChallenge {
    return this.devices.challenge(device);
  }

  @Post('device')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SignedIn })
  async device(
    @Body({ schema: DeviceLoginRequest }) request: DeviceLoginRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return welcome(this.known, await this.devices.login(request, http.headers['user-agent']), http, response);
  }

  /** By an administrator's one-time link. */
  @Post('reset')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SignedIn })
  async reset(
    @Body({ schema: ResetRequest }) request: ResetRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return welcome(this.known, await this.resets.use(request, http.headers['user-agent']), http, response);
  }
}
