import { Body, Controller, Delete, Get, HttpCode, Inject, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ConclaveError, PushKey, PushRequest } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { checkEndpoint } from './endpoints.ts';
import { PushKeys } from './push-keys.service.ts';
import { deviceOf, Subscriptions } from './subscriptions.service.ts';

/** Word to this device while its app is closed (PRES4). */
@ApiTags('push')
@ApiBearerAuth()
@Controller('api/push')
export class PushController {
  constructor(
    private readonly keys: PushKeys,
    private readonly subscriptions: Subscriptions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: PushKey })
  look(@WhoCalls() { device }: Caller): PushKey {
    return { key: this.keys.vapid?.publicKey ?? null, subscribed: device !== null && this.subscriptions.has(device) };
  }

  @Put()
  @HttpCode(204)
  async subscribe(@WhoCalls() caller: Caller, @Body({ schema: PushRequest }) request: PushRequest): Promise<void> {
    if (!this.keys.vapid) throw new ConclaveError('unavailable', 'this site sends no push notices');
    checkEndpoint(request.endpoint, this.config.push.allowLoopback);
    await this.subscriptions.put(caller, request);
  }

  @Delete()
  @HttpCode(204)
  async unsubscribe(@WhoCalls() caller: Caller): Promise<void> {
    await this.subscriptions.drop(deviceOf(caller));
  }
}
