import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { ApiToken, ApiTokenRequest, NewApiToken, UserId } from '../../../libs/protocol/src/index.ts';
import { ApiTokens } from '../users/api-tokens.service.ts';
import { requireAdmin, WhoCalls, type Caller } from '../users/caller.ts';

const Tokens = z.array(ApiToken);

/** API tokens (ACC14). Administrators in person only: no token makes another. */
@ApiTags('API tokens')
@ApiBearerAuth()
@Controller('api/admin/tokens')
export class TokensController {
  constructor(private readonly tokens: ApiTokens) {}

  @Get()
  @ApiOkResponse({ standardSchema: Tokens })
  async list(@WhoCalls() caller: Caller): Promise<ApiToken[]> {
    requireAdmin(caller);
    return this.tokens.list();
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: NewApiToken })
  async make(
    @WhoCalls() caller: Caller,
    @Body({ schema: ApiTokenRequest }) request: z.output<typeof ApiTokenRequest>,
  ): Promise<NewApiToken> {
    requireAdmin(caller);
    return this.tokens.make(caller.user, request);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse()
  async revoke(@WhoCalls() caller: Caller, @Param('id', { schema: UserId }) id: string): Promise<void> {
    requireAdmin(caller);
    await this.tokens.revoke(caller.user, id);
  }
}
