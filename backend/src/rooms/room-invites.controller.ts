import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  RoomId,
  RoomInvite,
  RoomInviteRequest,
  RoomInvites as RoomInviteList,
  RoomInviteUse,
  RoomSummary,
  UserId,
} from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Directory } from './directory.service.ts';
import { Invited } from './invited.service.ts';
import { RoomInvites } from './room-invites.service.ts';

/** Invitations into a room. */
@ApiTags('rooms')
@ApiBearerAuth()
@Controller('api')
export class RoomInvitesController {
  constructor(
    private readonly invites: RoomInvites,
    private readonly invited: Invited,
    private readonly directory: Directory,
  ) {}

  @Get('rooms/:room/invites')
  @ApiOkResponse({ standardSchema: RoomInviteList })
  list(@WhoCalls() { user }: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<RoomInvite[]> {
    return this.invites.list(user, room);
  }

  @Post('rooms/:room/invites')
  @ApiCreatedResponse({ standardSchema: RoomInvite })
  invite(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: RoomInviteRequest }) request: RoomInviteRequest,
  ): Promise<RoomInvite> {
    return this.invites.make(caller, room, request);
  }

  @Delete('rooms/:room/invites/:id')
  @HttpCode(204)
  @ApiNoContentResponse()
  async revoke(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('id', { schema: UserId }) id: string,
  ): Promise<void> {
    await this.invites.revoke(user, room, id);
  }

  @Post('room-invites/use')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RoomSummary })
  async come(@WhoCalls() { user }: Caller, @Body({ schema: RoomInviteUse }) use: RoomInviteUse): Promise<RoomSummary> {
    return this.directory.summary(await this.invited.come(user, use));
  }
}
