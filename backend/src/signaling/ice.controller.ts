import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { createHmac } from 'node:crypto';
import { IceServers } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';

const VALID_S = 3_600;

/** STUN and TURN for signed-in people only; TURN credentials as coturn's `use-auth-secret` checks them. */
@ApiTags('signaling')
@ApiBearerAuth()
@Controller('api/ice')
export class IceController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get()
  @ApiOkResponse({ standardSchema: IceServers })
  servers(@WhoCalls() caller: Caller): IceServers {
    const { stunUrls, turnUrls, turnSecret } = this.config;
    const iceServers: IceServers['iceServers'] = [];
    if (stunUrls.length > 0) iceServers.push({ urls: stunUrls });
    if (turnUrls.length > 0 && turnSecret !== undefined) {
      // A pseudonym: the relay need not learn whose session this is.
      const name = createHmac('sha256', turnSecret).update(caller.session).digest('hex').slice(0, 16);
      const username = `${Math.floor(Date.now() / 1000) + VALID_S}:${name}`;
      iceServers.push({ urls: turnUrls, username, credential: createHmac('sha1', turnSecret).update(username).digest('base64') });
    }
    return { iceServers };
  }
}
