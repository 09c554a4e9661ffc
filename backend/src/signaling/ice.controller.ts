import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { createHmac } from 'node:crypto';
import { IceServers } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Stun } from '../stun/stun.service.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';

const VALID_S = 3_600;

/** STUN and TURN for signed-in people only; TURN credentials as coturn's `use-auth-secret` checks them. */
@ApiTags('signaling')
@ApiBearerAuth()
@Controller('api/ice')
export class IceController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly stun: Stun,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: IceServers })
  servers(@WhoCalls() caller: Caller, @Req() request: Request): IceServers {
    const { turnUrls, turnSecret } = this.config;
    const iceServers: IceServers['iceServers'] = [];
    const stunUrls = this.#stunUrls(request);
    if (stunUrls.length > 0) iceServers.push({ urls: stunUrls });
    if (turnUrls.length > 0 && turnSecret !== undefined) {
      // A pseudonym: the relay need not learn whose session this is.
      const name = createHmac('sha256', turnSecret).update(caller.session).digest('hex').slice(0, 16);
      const username = `${Math.floor(Date.now() / 1000) + VALID_S}:${name}`;
      iceServers.push({ urls: turnUrls, username, credential: createHmac('sha1', turnSecret).update(username).digest('base64') });
    }
    return { iceServers };
  }

  /** The server's own, under the name by which browsers know it, unless others are configured. Whoever is on this very host needs none. */
  #stunUrls(request: Request): string[] {
    const { stunUrls, publicUrl } = this.config;
    const { port } = this.stun;
    if (stunUrls.length > 0 || port === null) return stunUrls;
    const host = publicUrl === undefined ? request.hostname : new URL(publicUrl).hostname;
    return /^(localhost|127\.[\d.]+|\[::1\])$/.test(host) ? [] : [`stun:${host}:${port}`];
  }
}
