import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { Invite, InviteRequest, NewInvite, UserId } from '../../../libs/protocol/src/index.ts';
import { Scope, WhoCalls, type Caller } from '../users/caller.ts';
import { Invites } from './invites.service.ts';

/** Invitations to make an account here (ACC3). */
@ApiTags('joining the site')
@Controller('api/invites')
export class InvitesController {
  constructor(private readonly invites: Invites) {}

  @Get()
  @Scope('invites:write')
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: z.array(Invite) })
  list(): Promise<Invite[]> {
    return this.invites.list();
  }

  @Post()
  @Scope('invites:write')
  @ApiBearerAuth()
  @ApiCreatedResponse({ standardSchema: NewInvite })
  invite(@WhoCalls() caller: Caller, @Body({ schema: InviteRequest }) request: InviteRequest): Promise<NewInvite> {
    return this.invites.create(caller.user, request);
  }

  @Delete(':id')
  @Scope('invites:write')
  @HttpCode(204)
  @ApiBearerAuth()
  async revoke(@WhoCalls() caller: Caller, @Param('id', { schema: UserId }) id: string): Promise<void> {
    await this.invites.revoke(caller.user, id);
  }
}
