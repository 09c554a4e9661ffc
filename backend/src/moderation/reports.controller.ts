import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { NewReport, ReportClosing, ReportDetail, ReportPage, ReportQuery, ReportRequest } from '../../../libs/protocol/src/index.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Cases } from './cases.service.ts';
import { Reports } from './reports.service.ts';

const ReportId = z.uuid();

@ApiTags('reports')
@ApiBearerAuth()
@Controller('api')
export class ReportsController {
  constructor(
    private readonly reports: Reports,
    private readonly cases: Cases,
  ) {}

  @Post('reports')
  @ApiCreatedResponse({ standardSchema: NewReport })
  async take(
    @WhoCalls() caller: Caller,
    @Body({ schema: ReportRequest }) request: z.output<typeof ReportRequest>,
  ): Promise<z.infer<typeof NewReport>> {
    return { id: await this.reports.take(caller.user, request) };
  }

  @Get('moderation/reports')
  @ApiOkResponse({ standardSchema: ReportPage })
  page(@WhoCalls() caller: Caller, @Query({ schema: ReportQuery }) query: z.output<typeof ReportQuery>): Promise<ReportPage> {
    return this.cases.page(caller.user, query);
  }

  @Get('moderation/reports/:id')
  @ApiOkResponse({ standardSchema: ReportDetail })
  detail(@WhoCalls() caller: Caller, @Param('id', { schema: ReportId }) id: string): Promise<ReportDetail> {
    return this.cases.detail(caller.user, id);
  }

  @Post('moderation/reports/:id/close')
  @HttpCode(204)
  @ApiNoContentResponse()
  async close(
    @WhoCalls() caller: Caller,
    @Param('id', { schema: ReportId }) id: string,
    @Body({ schema: ReportClosing }) closing: z.output<typeof ReportClosing>,
  ): Promise<void> {
    await this.cases.close(caller.user, id, closing);
  }
}
