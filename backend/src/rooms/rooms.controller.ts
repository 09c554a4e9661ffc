import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RoomId, RoomList, RoomRequest, RoomSummary } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Rooms } from './rooms.service.ts';

@ApiTags('rooms')
@ApiBearerAuth()
@Controller('api/rooms')
export class RoomsController {
  constructor(private readonly rooms: Rooms) {}

  @Get()
  @ApiOkResponse({ standardSchema: RoomList })
  list(@WhoCalls() caller: Caller): Promise<RoomList> {
    return this.rooms.list(caller.user);
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: RoomSummary })
  create(@WhoCalls() caller: Caller, @Body({ schema: RoomRequest }) request: RoomRequest): Promise<RoomSummary> {
    return this.rooms.create(caller.user, request);
  }

  @Post(':room/join')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RoomSummary })
  join(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<RoomSummary> {
    return this.rooms.join(caller.user, room);
  }

  @Post(':room/leave')
  @HttpCode(204)
  async leave(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.rooms.leave(caller.user, room);
  }
}
