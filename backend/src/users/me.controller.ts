import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  DeviceId,
  DeviceList,
  DeviceRequest,
  LinkMailbox,
  LinkMessageBody,
  LinkSide,
  StatusRequest,
  type OwnStatus,
} from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from './caller.ts';
import { Devices } from './devices.service.ts';
import { Links } from './links.service.ts';
import { Statuses } from './statuses.service.ts';

@ApiTags('me')
@ApiBearerAuth()
@Controller('api/me')
export class MeController {
  constructor(
    private readonly devices: Devices,
    private readonly links: Links,
    private readonly statuses: Statuses,
  ) {}

  @Get('devices')
  @ApiOkResponse({ standardSchema: DeviceList })
  list(@WhoCalls() caller: Caller): Promise<DeviceList> {
    return this.devices.list(caller);
  }

  @Put('devices/:device')
  @HttpCode(204)
  async enrol(
    @WhoCalls() caller: Caller,
    @Param('device', { schema: DeviceId }) device: DeviceId,
    @Body({ schema: DeviceRequest }) request: DeviceRequest,
  ): Promise<void> {
    await this.devices.enrol(caller, device, request);
  }

  @Delete('devices/:device')
  @HttpCode(204)
  async remove(@WhoCalls() caller: Caller, @Param('device', { schema: DeviceId }) device: DeviceId): Promise<void> {
    await this.devices.remove(caller, device);
  }

  @Put('status')
  @HttpCode(204)
  async choose(@WhoCalls() { user }: Caller, @Body({ schema: StatusRequest }) request: OwnStatus): Promise<void> {
    await this.statuses.choose(user, request);
  }

  @Put('links/:mailbox/:side')
  @HttpCode(204)
  async leave(
    @WhoCalls() caller: Caller,
    @Param('mailbox', { schema: LinkMailbox }) mailbox: string,
    @Param('side', { schema: LinkSide }) side: LinkSide,
    @Body({ schema: LinkMessageBody }) body: { sealed: string },
  ): Promise<void> {
    await this.links.put(caller.user, mailbox, side, body.sealed);
  }

  @Get('links/:mailbox/:side')
  @ApiOkResponse({ standardSchema: LinkMessageBody })
  fetch(
    @WhoCalls() caller: Caller,
    @Param('mailbox', { schema: LinkMailbox }) mailbox: string,
    @Param('side', { schema: LinkSide }) side: LinkSide,
  ): Promise<{ sealed: string }> {
    return this.links.get(caller.user, mailbox, side);
  }
}
