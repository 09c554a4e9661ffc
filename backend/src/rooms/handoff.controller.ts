import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { NoFilesInterceptor } from '@nestjs/platform-express';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import * as z from 'zod';
import { ConclaveError, ErrorBody, HandoffRequest, SignedIn, SubjectChange } from '../../../libs/protocol/src/index.ts';
import { refused } from '../auth/handoff/faults.ts';
import { KnownDevices } from '../auth/known-devices.service.ts';
import { welcome } from '../auth/welcome.ts';
import { Public, Scope, WhoCalls, type Caller } from '../users/caller.ts';
import { Handoff } from './handoff.service.ts';
import { Revocations } from './revocations.service.ts';

const formLimits = { fieldNameSize: 64, fieldSize: 8192, fields: 8, parts: 8, files: 0 };
const formKinds = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const Form = z.object({ jwt: z.string().min(1).max(8192) });
const Id = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not contain control characters');

@ApiTags('single sign-on')
@Controller()
export class HandoffController {
  constructor(
    private readonly handoff: Handoff,
    private readonly revocations: Revocations,
    private readonly devices: KnownDevices,
  ) {}

  @Public()
  @Post('api/auth/handoff')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SignedIn })
  @ApiNotFoundResponse({ standardSchema: ErrorBody, description: 'No site hands its users over to this server.' })
  async enter(
    @Body({ schema: HandoffRequest }) { jwt }: HandoffRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return welcome(this.devices, await this.handoff.enter(jwt, http.headers['user-agent']), http, response);
  }

  /** A form of the embedding site, from a page of another origin. Goes on to a page either way: the token stays in the body that brought it. */
  @Public()
  @Post('sso')
  @UseInterceptors(NoFilesInterceptor({ limits: formLimits }))
  @ApiConsumes(...formKinds)
  @ApiBody({ schema: { type: 'object', properties: { jwt: { type: 'string', maxLength: 8192 } }, required: ['jwt'] } })
  @ApiResponse({ status: 303, description: 'Goes on to / with a session, or to /#problem=<reason> without' })
  async enterByForm(@Body() body: unknown, @Req() http: Request, @Res() response: Response): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    try {
      const form = Form.safeParse(body);
      if (!form.success) throw refused('malformed');
      welcome(this.devices, await this.handoff.enter(form.data.jwt, http.headers['user-agent']), http, response);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      return response.redirect(303, `/#problem=${error.reason ?? error.code}`);
    }
    response.redirect(303, '/');
  }

  @Patch('api/handoff/subjects/:issuer/:subject')
  @Scope('handoff:write')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  async amend(
    @WhoCalls() caller: Caller,
    @Param('issuer', { schema: Id }) issuer: string,
    @Param('subject', { schema: Id }) subject: string,
    @Body({ schema: SubjectChange }) change: SubjectChange,
  ): Promise<void> {
    await this.handoff.amend(caller.user, { issuer, subject }, change);
  }

  @Delete('api/handoff/subjects/:issuer/:subject')
  @Scope('handoff:write')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse()
  async revoke(
    @WhoCalls() caller: Caller,
    @Param('issuer', { schema: Id }) issuer: string,
    @Param('subject', { schema: Id }) subject: string,
  ): Promise<void> {
    await this.revocations.revoke(caller.user, { issuer, subject });
  }
}
