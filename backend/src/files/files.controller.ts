import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { ConclaveError, FileId, RoomId, StoredFile, StoreFileRequest } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { byteRange } from './byte-range.ts';
import { SealedFiles } from './sealed-files.service.ts';

const PartNumber = z.string().regex(/^\d{1,7}$/, 'must be a whole number').transform(Number); // prettier-ignore
const bytes = { type: 'string', format: 'binary' } as const;

@ApiTags('files')
@ApiBearerAuth()
@Controller('api/rooms/:room/files')
export class FilesController {
  constructor(private readonly files: SealedFiles) {}

  /** Begins, or goes on with a file of one's own of the same id and size. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: StoredFile })
  begin(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Body({ schema: StoreFileRequest }) request: StoreFileRequest,
  ): Promise<StoredFile> {
    return this.files.begin(user, room, request);
  }

  @Get(':file/parts')
  @ApiOkResponse({ standardSchema: StoredFile })
  status(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('file', { schema: FileId }) file: string,
  ): Promise<StoredFile> {
    return this.files.status(user, room, file);
  }

  /** One part: 4 MiB, the last one what is left. In any order; again is no harm. */
  @Put(':file/parts/:n')
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: bytes })
  @ApiOkResponse({ standardSchema: StoredFile })
  put(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('file', { schema: FileId }) file: string,
    @Param('n', { schema: PartNumber }) n: number,
    @Req() request: Request,
  ): Promise<StoredFile> {
    if (!request.is('application/octet-stream')) throw new ConclaveError('bad-request', 'body: must be application/octet-stream');
    return this.files.put(user, room, file, n, request);
  }

  /** The sealed bytes; a Range asks for a stretch of them. */
  @Get(':file')
  @ApiProduces('application/octet-stream')
  @ApiHeader({ name: 'Range', required: false, description: 'One range, such as `bytes=1048576-`.' })
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: bytes } } })
  @ApiResponse({ status: 206, description: 'The range that was asked for.', content: { 'application/octet-stream': { schema: bytes } } })
  async read(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('file', { schema: FileId }) file: string,
    @Headers('range') asked: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { size, read } = await this.files.whole(user, room, file);
    const range = byteRange(asked, size);
    if (range === 'unsatisfiable') throw new ConclaveError('bad-request', `Range: the file has ${size} bytes`);
    const { from, to } = range ?? { from: 0, to: size };
    response.status(range ? 206 : 200).set({
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(to - from),
      'Accept-Ranges': 'bytes',
      'X-Content-Type-Options': 'nosniff',
      ...(range ? { 'Content-Range': `bytes ${from}-${to - 1}/${size}` } : {}),
    });
    await pipeline(Readable.from(read(from, to)), response).catch(unlessGone);
  }

  @Delete(':file')
  @HttpCode(204)
  @ApiNoContentResponse()
  async drop(
    @WhoCalls() { user }: Caller,
    @Param('room', { schema: RoomId }) room: RoomId,
    @Param('file', { schema: FileId }) file: string,
  ): Promise<void> {
    await this.files.drop(user, room, file);
  }
}

/** Whoever was fetching has gone, or it was dropped meanwhile: the answer breaks off, and the next request says what there is. */
function unlessGone(error: unknown): void {
  const { code } = error as { code?: string };
  if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ECONNRESET' && code !== 'ENOENT' && code !== 'EPIPE') throw error;
}
