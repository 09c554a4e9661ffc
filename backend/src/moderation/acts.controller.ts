import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { ActPreview, ActRequest, PreviewRequest, RoomId, SiteActRequest } from '../../../libs/protocol/src/index.ts';
import { Scope, WhoCalls, type Caller } from '../users/caller.ts';
import { Acts } from './acts.service.ts';
import { Preview } from './preview.service.ts';

@ApiTags('moderation')
@ApiBearerAuth()
@Controller('api')
export class ActsController {
  constructor(
    private readonly acts: Acts,
    private readonly preview: Preview,
  ) {}

  @Post('rooms/:room/moderation')
  @HttpCode(204)
  @ApiNoContentResponse()
  async inRoom(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: string,
    @Body({ schema: ActRequest }) request: ActRequest,
  ): Promise<void> {
    await this.acts.byPerson(caller, room, request);
  }

  /** On the whole site. */
  @Post('moderation')
  @HttpCode(204)
  @ApiNoContentResponse()
  async everywhere(@WhoCalls() caller: Caller, @Body({ schema: ActRequest }) request: ActRequest): Promise<void> {
    await this.acts.byPerson(caller, null, request);
  }

  /** Asked for by a program of the embedding site, signed by the server. */
  @Post('moderation/acts')
  @HttpCode(204)
  @Scope('moderation:write')
  @ApiNoContentResponse()
  async bySite(@WhoCalls() caller: Caller, @Body({ schema: SiteActRequest }) request: z.output<typeof SiteActRequest>): Promise<void> {
    await this.acts.bySite(caller, request);
  }

  @Post('moderation/preview')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: ActPreview })
  show(@WhoCalls() caller: Caller, @Body({ schema: PreviewRequest }) request: z.output<typeof PreviewRequest>): Promise<ActPreview> {
    return this.preview.of(caller, request);
  }
}
