import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import {
  PasswordRequest,
  PasswordVersion,
  RoleRequest,
  RoomChange,
  RoomId,
  RoomSummary,
  UserId,
} from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Directory } from './directory.service.ts';
import { RoomChanges } from './room-changes.service.ts';
import { RoomEnds } from './room-ends.service.ts';
import { Rooms } from './rooms.service.ts';

/** What owners and moderators do with their room. */
@ApiTags('rooms')
@ApiBearerAuth()
@Controller('api/rooms')
export class StewardsController {
  constructor(
    private readonly changes: RoomChanges,
    private readonly ends: RoomEnds,
    private readonly rooms: Rooms,
    private readonly directory: Directory,
  ) {}

  @Patch(':room')
  @ApiOkResponse({ standardSchema: RoomSummary })
  async change(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: RoomChange }) change: RoomChange,
  ): Promise<RoomSummary> {
    await this.changes.change(user, room, change);
    return this.directory.summary(await this.rooms.ofMember(room, user));
  }

  @Put(':room/password')
  @ApiOkResponse({ standardSchema: PasswordVersion })
  changePassword(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: PasswordRequest }) { admission }: z.output<typeof PasswordRequest>,
  ): Promise<z.infer<typeof PasswordVersion>> {
    return this.changes.changePassword(user, room, admission);
  }

  @Put(':room/members/:user/role')
  @HttpCode(204)
  @ApiNoContentResponse()
  async setRole(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('user', { schema: UserId }) user: UserId,
    @Body({ schema: RoleRequest }) { role }: z.output<typeof RoleRequest>,
  ): Promise<void> {
    await this.changes.setRole(caller.user, room, user, role);
  }

  @Post(':room/archive')
  @HttpCode(204)
  @ApiNoContentResponse()
  async archive(@WhoCalls() { user }: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.ends.archive(user, room);
  }

  @Post(':room/unarchive')
  @HttpCode(204)
  @ApiNoContentResponse()
  async unarchive(@WhoCalls() { user }: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.ends.unarchive(user, room);
  }

  @Delete(':room')
  @HttpCode(204)
  @ApiNoContentResponse()
  async delete(@WhoCalls() { user }: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.ends.delete(user, room);
  }
}
