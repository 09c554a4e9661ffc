import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { AdminRoomPage, AdminRoomQuery, BanPage, BanQuery } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { BanList } from './ban-list.service.ts';
import { HouseRooms } from './house-rooms.service.ts';

/** What moderators look through (MOD4). */
@ApiTags('moderation')
@ApiBearerAuth()
@Controller('api/moderation')
export class HouseController {
  constructor(
    private readonly rooms: HouseRooms,
    private readonly bans: BanList,
  ) {}

  @Get('rooms')
  @ApiOkResponse({ standardSchema: AdminRoomPage })
  listRooms(@WhoCalls() caller: Caller, @Query({ schema: AdminRoomQuery }) query: z.output<typeof AdminRoomQuery>): Promise<AdminRoomPage> {
    return this.rooms.page(caller, query);
  }

  @Get('bans')
  @ApiOkResponse({ standardSchema: BanPage })
  listBans(@WhoCalls() caller: Caller, @Query({ schema: BanQuery }) query: z.output<typeof BanQuery>): Promise<BanPage> {
    return this.bans.page(caller.user, query);
  }
}
