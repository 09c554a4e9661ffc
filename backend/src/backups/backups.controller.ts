import { Body, Controller, Delete, Get, Header, HttpCode, Param, Put, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { Backup, BackupId, BackupRequest, ConclaveError } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Backups } from './backups.service.ts';

const PartNumber = z.string().regex(/^\d{1,4}$/, 'must be a whole number').transform(Number); // prettier-ignore
const bytes = { type: 'string', format: 'binary' } as const;

@ApiTags('backup')
@ApiBearerAuth()
@Controller('api/backup')
export class BackupsController {
  constructor(private readonly backups: Backups) {}

  @Get()
  @ApiOkResponse({ standardSchema: Backup })
  own(@WhoCalls() { user }: Caller): Promise<Backup> {
    return this.backups.of(user);
  }

  /** Sets the backup up, or names its newest snapshot once all parts of it are here. */
  @Put()
  @ApiOkResponse({ standardSchema: Backup })
  put(@WhoCalls() { user }: Caller, @Body({ schema: BackupRequest }) request: BackupRequest): Promise<Backup> {
    return this.backups.put(user, request);
  }

  @Delete()
  @HttpCode(204)
  @ApiNoContentResponse()
  async drop(@WhoCalls() { user }: Caller): Promise<void> {
    await this.backups.drop(user);
  }

  /** One part, up to 1 MiB; in any order; again is no harm. */
  @Put('parts/:snapshot/:n')
  @HttpCode(204)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: bytes })
  @ApiNoContentResponse()
  async putPart(
    @WhoCalls() { user }: Caller,
    @Param('snapshot', { schema: BackupId }) snapshot: string,
    @Param('n', { schema: PartNumber }) n: number,
    @Body() part: unknown,
  ): Promise<void> {
    if (!(part instanceof Uint8Array)) throw new ConclaveError('bad-request', 'body: must be application/octet-stream');
    await this.backups.putPart(user, snapshot, n, part);
  }

  /** A part of the snapshot that is complete. */
  @Get('parts/:snapshot/:n')
  @Header('X-Content-Type-Options', 'nosniff')
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: bytes } } })
  async part(
    @WhoCalls() { user }: Caller,
    @Param('snapshot', { schema: BackupId }) snapshot: string,
    @Param('n', { schema: PartNumber }) n: number,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.backups.part(user, snapshot, n), { type: 'application/octet-stream' });
  }
}
