import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Public } from '../users/caller.ts';

const Well = z.object({ ok: z.literal(true) });

@ApiTags('health')
@Public()
@Controller()
export class HealthController {
  constructor(private readonly database: Database) {}

  /** The process answers. */
  @Get('healthz')
  @ApiOkResponse({ standardSchema: Well })
  alive(): { ok: true } {
    return { ok: true };
  }

  /** It can do its work. */
  @Get('readyz')
  @ApiOkResponse({ standardSchema: Well })
  async ready(): Promise<{ ok: true }> {
    try {
      await this.database.rows('select 1');
      return { ok: true };
    } catch {
      throw new ConclaveError('not-ready', 'the database does not answer', 1_000);
    }
  }
}
