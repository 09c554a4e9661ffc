import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { GuestRequest, SignedIn } from '../../../libs/protocol/src/index.ts';
import { setRefresh } from '../auth/cookies.ts';
import { Public } from '../users/caller.ts';
import { Guests } from './guests.service.ts';

@ApiTags('joining the site')
@Controller('api/auth')
export class GuestsController {
  constructor(private readonly guests: Guests) {}

  @Public()
  @Post('guest')
  @ApiCreatedResponse({ standardSchema: SignedIn })
  async enter(
    @Body({ schema: GuestRequest }) request: GuestRequest,
    @Req() http: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    const { body, refreshToken } = await this.guests.enter(request, http.ip ?? '', http.headers['user-agent']);
    setRefresh(http, response, refreshToken);
    return body;
  }
}
