import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type * as z from 'zod';
import {
  ErrorBody,
  FindRequest,
  JoinRequest,
  RoomId,
  RoomJoined,
  RoomList,
  RoomRequest,
  RoomSummary,
} from '../../../libs/protocol/src/index.ts';
import { Presence } from '../presence/presence.service.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Directory } from './directory.service.ts';
import { Founding } from './founding.service.ts';
import { Joining } from './joining.service.ts';
import { Rooms } from './rooms.service.ts';

/** Open rooms ask for nothing. */
const OptionalJoinRequest = JoinRequest.default({});

@ApiTags('rooms')
@ApiBearerAuth()
@Controller('api/rooms')
export class RoomsController {
  constructor(
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly founding: Founding,
    private readonly joining: Joining,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: RoomList })
  async list(@WhoCalls() { user }: Caller): Promise<RoomList> {
    const rooms = (await this.directory.all(user)).map((row) => this.directory.summary(row));
    return { rooms, mine: await this.rooms.mine(user), signedIn: this.presence.shownSignedIn };
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: RoomSummary })
  create(@WhoCalls() caller: Caller, @Body({ schema: RoomRequest }) request: RoomRequest): Promise<RoomSummary> {
    return this.founding.create(caller.user, request);
  }

  /** A hidden room, by its exact name. */
  @Post('find')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RoomSummary })
  @ApiNotFoundResponse({ standardSchema: ErrorBody, description: 'There is no hidden room of this name, or none that the caller may see.' })
  async find(@WhoCalls() caller: Caller, @Body({ schema: FindRequest }) { name }: z.output<typeof FindRequest>): Promise<RoomSummary> {
    return this.directory.summary(await this.joining.find(caller.user, name));
  }

  /** The answer names the room that took the caller: another one, where a full one opens others. */
  @Post(':room/join')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RoomJoined })
  async join(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: OptionalJoinRequest }) request: JoinRequest,
    @Req() http: Request,
  ): Promise<z.infer<typeof RoomJoined>> {
    const row = await this.joining.join({ user, address: http.ip ?? '' }, room, request);
    return { ...this.directory.summary(row), passwordVersion: row.passwordVersion };
  }

  @Post(':room/leave')
  @HttpCode(204)
  @ApiNoContentResponse()
  async leave(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.joining.leave(caller.user, room);
  }
}
