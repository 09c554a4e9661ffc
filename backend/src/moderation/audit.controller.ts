import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import type * as z from 'zod';
import { AuditCheck, AuditPage, AuditQuery } from '../../../libs/protocol/src/index.ts';
import { Scope } from '../users/caller.ts';
import { AuditChain } from './audit-chain.service.ts';
import { AuditLog } from './audit-log.service.ts';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('api/admin/audit')
@Scope('audit:read')
export class AuditController {
  constructor(
    private readonly log: AuditLog,
    private readonly chain: AuditChain,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: AuditPage })
  page(@Query({ schema: AuditQuery }) query: z.output<typeof AuditQuery>): Promise<AuditPage> {
    return this.log.page(query);
  }

  /** Walks the whole chain. */
  @Get('check')
  @ApiOkResponse({ standardSchema: AuditCheck })
  check(): Promise<AuditCheck> {
    return this.chain.check();
  }

  /** Newline-delimited JSON; the last line is the head, signed with the server's key. */
  @Get('export')
  @ApiOkResponse({ content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  export(): StreamableFile {
    return new StreamableFile(Readable.from(this.chain.export()), {
      type: 'application/x-ndjson',
      disposition: 'attachment; filename="conclave-audit.ndjson"',
    });
  }
}
