import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { ConclaveError, RoomAccess, RoomSummary, SiteRoomRequest, Slug } from '../../../libs/protocol/src/index.ts';
import { Scope, ScopeOrSession, WhoCalls, type Caller } from '../users/caller.ts';
import { Directory } from './directory.service.ts';
import { SiteRooms, type SiteRoom } from './site-rooms.service.ts';

const id = z.string().min(1).max(255).refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not contain control characters'); // prettier-ignore
const Whom = z.strictObject({ issuer: id.optional(), subject: id.optional() });

@ApiTags('rooms of the embedding site')
@ApiBearerAuth()
@Controller('api/rooms')
export class SiteRoomsController {
  constructor(
    private readonly sites: SiteRooms,
    private readonly directory: Directory,
  ) {}

  @Put('by-slug/:slug')
  @Scope('rooms:write')
  @ApiOkResponse({ standardSchema: RoomSummary })
  async put(
    @WhoCalls() caller: Caller,
    @Param('slug', { schema: Slug }) slug: string,
    @Body({ schema: SiteRoomRequest }) request: SiteRoom,
  ): Promise<RoomSummary> {
    return this.directory.summary(await this.sites.put(caller.user, slug, request));
  }

  /** For oneself, or, by a token of the site, for whom it names. */
  @Get(':slug/access')
  @ScopeOrSession('rooms:read')
  @ApiOkResponse({ standardSchema: RoomAccess })
  async access(
    @WhoCalls() caller: Caller,
    @Param('slug', { schema: Slug }) slug: string,
    @Query({ schema: Whom }) { issuer, subject }: z.output<typeof Whom>,
  ): Promise<z.infer<typeof RoomAccess>> {
    if (!caller.token && issuer === undefined && subject === undefined) return this.sites.access(slug, caller.user);
    if (!caller.token && caller.role !== 'admin')
      throw new ConclaveError('forbidden', 'you may ask for yourself only: leave issuer and subject out');
    if (issuer === undefined || subject === undefined) throw new ConclaveError('bad-request', 'issuer and subject: name both');
    return this.sites.access(slug, await this.sites.subject(issuer, subject));
  }
}
