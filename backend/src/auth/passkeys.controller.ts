import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import {
  Passkey,
  PasskeyChange,
  PasskeyId,
  PasskeyOptions,
  PasskeyOptionsRequest,
  PasskeyRequest,
  Passkeys as List,
} from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { OwnPassword } from './own-password.service.ts';
import { Passkeys } from './passkeys.service.ts';
import { relyingParty } from './relying-party.ts';

/** One's own passkeys (ACC8). */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/me/passkeys')
export class PasskeysController {
  constructor(
    private readonly passkeys: Passkeys,
    private readonly own: OwnPassword,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: List })
  list(@WhoCalls() caller: Caller): Promise<Passkey[]> {
    return this.passkeys.list(caller.user);
  }

  @Post('options')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: PasskeyOptions })
  async options(
    @WhoCalls() caller: Caller,
    @Body({ schema: PasskeyOptionsRequest }) { password }: { password?: string },
    @Req() http: Request,
  ): Promise<{ options: object }> {
    await this.own.prove(caller, password);
    return { options: await this.passkeys.options(caller.user, relyingParty(this.config, http)) };
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: Passkey })
  add(@WhoCalls() caller: Caller, @Body({ schema: PasskeyRequest }) request: PasskeyRequest, @Req() http: Request): Promise<Passkey> {
    return this.passkeys.add(caller, request, relyingParty(this.config, http));
  }

  @Patch(':passkey')
  @HttpCode(204)
  @ApiNoContentResponse()
  async rename(
    @WhoCalls() caller: Caller,
    @Param('passkey', { schema: PasskeyId }) passkey: string,
    @Body({ schema: PasskeyChange }) { name }: { name: string },
  ): Promise<void> {
    await this.passkeys.rename(caller.user, passkey, name);
  }

  @Delete(':passkey')
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@WhoCalls() caller: Caller, @Param('passkey', { schema: PasskeyId }) passkey: string): Promise<void> {
    await this.passkeys.remove(caller.user, passkey);
  }
}
