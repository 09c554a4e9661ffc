import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type * as z from 'zod';
import { ConclaveError, RegisterRequest, SetupRequest, SignedIn, SiteConfig, toBase64url } from '../../../libs/protocol/src/index.ts';
import { KnownDevices } from '../auth/known-devices.service.ts';
import { welcome } from '../auth/welcome.ts';
import { CONFIG, type Config } from '../config.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { Public } from '../users/caller.ts';
import { version } from '../version.ts';
import { Registration } from './registration.service.ts';
import { Setup } from './setup.service.ts';

@ApiTags('joining the site')
@Controller('api')
export class RegistrationController {
  constructor(
    private readonly setups: Setup,
    private readonly registrations: Registration,
    private readonly known: KnownDevices,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  @Public()
  @Get('config')
  @ApiOkResponse({ standardSchema: SiteConfig })
  async site(): Promise<SiteConfig> {
    const { siteName: name, brand, relay, guests, lockAfterMs, handoff, files } = this.config;
    const strict = handoff?.strict ?? false;
    return {
      name,
      brand: { color: brand.color, url: brand.url, logo: brand.logo !== null },
      version,
      setupNeeded: await this.setups.needed(),
      registration: strict ? 'closed' : this.config.registration,
      relay,
      guests,
      handoff: handoff && { signInUrl: handoff.signInUrl ?? null, strict },
      lockAfterMs,
      files: files && { maxBytes: files.maxBytes, days: files.days },
      serverKey: toBase64url(this.secrets.server.publicKey),
    };
  }

  @Public()
  @Get('site-logo')
  @ApiProduces('image/svg+xml', 'image/png', 'image/webp')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  logo(@Res() response: Response): void {
    const { logo } = this.config.brand;
    if (!logo) throw new ConclaveError('not-found', 'this site has no logo of its own');
    // Opened by itself, a drawing runs nothing either.
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.type(logo.type).send(logo.bytes);
  }

  @Public()
  @Post('setup')
  @ApiCreatedResponse({ standardSchema: SignedIn })
  async setup(
    @Body({ schema: SetupRequest }) request: z.output<typeof SetupRequest>,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return welcome(this.known, await this.setups.complete(request, http.headers['user-agent']), http, response);
  }

  @Public()
  @Post('auth/register')
  @ApiCreatedResponse({ standardSchema: SignedIn })
  async register(
    @Body({ schema: RegisterRequest }) request: RegisterRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    const opened = await this.registrations.register(request, http.ip ?? '', http.headers['user-agent']);
    return welcome(this.known, opened, http, response);
  }
}
