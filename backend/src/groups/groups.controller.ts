import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import * as z from 'zod';
import {
  Admission,
  ConclaveError,
  decodeParts,
  DeviceId,
  KeyPackageClaim,
  KeyPackageCount,
  KeyPackageLease,
  KeyPackageUpload,
  limits,
  Ordered,
  RoomId,
} from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Admissions } from './admissions.service.ts';
import { Groups, Rejoining, withDevice } from './groups.service.ts';
import { KeyPackages } from './key-packages.service.ts';

const whole = z.string().regex(/^\d{1,15}$/, 'must be a whole number').transform(Number); // prettier-ignore
const Expected = z.strictObject({ generation: whole, epoch: whole });

const ExpectedCount = Expected.extend({ count: whole.pipe(z.number().min(1).max(limits.commitsRestored)) });
const bytes = { type: 'string', format: 'binary' } as const;

@ApiTags('groups')
@ApiBearerAuth()
@Controller('api')
export class GroupsController {
  constructor(
    private readonly groups: Groups,
    private readonly admissions: Admissions,
    private readonly packages: KeyPackages,
    private readonly rejoining: Rejoining,
  ) {}

  @Post('rooms/:room/group')
  @HttpCode(200)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: bytes })
  @ApiOkResponse({ standardSchema: Ordered })
  found(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId, @Body() body: unknown): Promise<Ordered> {
    const [groupInfo] = parts(body, 1);
    return this.groups.found(withDevice(caller), room, groupInfo!);
  }

  @Post('rooms/:room/commits')
  @HttpCode(200)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: bytes })
  @ApiOkResponse({ standardSchema: Ordered })
  commit(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Query({ schema: Expected }) expected: z.output<typeof Expected>,
    @Body() body: unknown,
  ): Promise<Ordered> {
    const [commit, welcome, groupInfo] = parts(body, 3) as [Uint8Array, Uint8Array, Uint8Array];
    return this.groups.commit(withDevice(caller), room, expected, { commit, welcome, groupInfo });
  }

  @Post('rooms/:room/restored')
  @HttpCode(200)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: bytes })
  @ApiOkResponse({ standardSchema: Ordered })
  restore(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Query({ schema: ExpectedCount }) { count, ...expected }: z.output<typeof ExpectedCount>,
    @Body() body: unknown,
  ): Promise<Ordered> {
    const bytes = parts(body, 2 * count);
    const commits = Array.from({ length: count }, (_, i) => ({ commit: bytes[2 * i]!, signature: bytes[2 * i + 1]! }));
    return this.groups.restore(withDevice(caller), room, expected, commits);
  }

  @Post('rooms/:room/admission')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: Admission })
  admit(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<Admission> {
    return this.admissions.make(withDevice(caller), room);
  }

  @Post('rooms/:room/rejoin')
  @HttpCode(204)
  @ApiNoContentResponse()
  async rejoin(@WhoCalls() caller: Caller, @Param('room', { schema: RoomId }) room: RoomId): Promise<void> {
    await this.rejoining.ask(withDevice(caller), room);
  }

  @Get('rooms/:room/log/:pos')
  @Header('Content-Type', 'application/octet-stream')
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: bytes } } })
  async item(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('pos', { schema: whole }) pos: number,
    @Res() response: Response,
  ): Promise<void> {
    response.end(await this.groups.item(withDevice(caller), room, pos));
  }

  @Post('rooms/:room/key-packages')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: KeyPackageLease })
  claim(
    @WhoCalls() caller: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: KeyPackageClaim }) { devices }: z.output<typeof KeyPackageClaim>,
  ): Promise<KeyPackageLease> {
    return this.packages.claim(caller.user, room, devices);
  }

  @Post('me/devices/:device/key-packages')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: KeyPackageCount })
  async upload(
    @WhoCalls() caller: Caller,
    @Param('device', { schema: DeviceId }) device: DeviceId,
    @Body({ schema: KeyPackageUpload }) upload: KeyPackageUpload,
  ): Promise<z.infer<typeof KeyPackageCount>> {
    await this.packages.upload(caller.user, device, upload);
    await this.groups.announceWaiting(caller.user);
    return this.packages.count(caller.user, device);
  }

  @Get('me/devices/:device/key-packages')
  @ApiOkResponse({ standardSchema: KeyPackageCount })
  count(@WhoCalls() caller: Caller, @Param('device', { schema: DeviceId }) device: DeviceId): Promise<z.infer<typeof KeyPackageCount>> {
    return this.packages.count(caller.user, device);
  }
}

function parts(body: unknown, count: number): Uint8Array[] {
  if (!Buffer.isBuffer(body)) throw new ConclaveError('bad-request', 'body: must be application/octet-stream');
  try {
    return decodeParts(new Uint8Array(body.buffer, body.byteOffset, body.length), count);
  } catch (error) {
    if (error instanceof RangeError) throw new ConclaveError('bad-request', `body: ${error.message}`);
    throw error;
  }
}
