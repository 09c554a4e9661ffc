import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { BlockList, DirectRequest, ErrorBody, RoomSummary, UserId } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Blocks } from './blocks.service.ts';
import { Directory } from './directory.service.ts';
import { Directs } from './directs.service.ts';

/** Conversations of two, and who wants none with whom. */
@ApiTags('direct messages')
@ApiBearerAuth()
@Controller('api')
export class DirectsController {
  constructor(
    private readonly directs: Directs,
    private readonly blocks: Blocks,
    private readonly directory: Directory,
  ) {}

  @Post('direct')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RoomSummary })
  @ApiNotFoundResponse({ standardSchema: ErrorBody, description: 'There is nobody of this id.' })
  async open(@WhoCalls() caller: Caller, @Body({ schema: DirectRequest }) { user }: z.output<typeof DirectRequest>): Promise<RoomSummary> {
    return this.directory.summary(await this.directs.open(caller.user, user));
  }

  @Get('me/blocks')
  @ApiOkResponse({ standardSchema: BlockList })
  async list(@WhoCalls() { user }: Caller): Promise<z.infer<typeof BlockList>> {
    return { users: await this.blocks.of(user) };
  }

  @Put('me/blocks/:user')
  @HttpCode(204)
  @ApiNoContentResponse()
  async block(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<void> {
    await this.blocks.block(caller.user, user);
  }

  @Delete('me/blocks/:user')
  @HttpCode(204)
  @ApiNoContentResponse()
  async unblock(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<void> {
    await this.blocks.unblock(caller.user, user);
  }
}
