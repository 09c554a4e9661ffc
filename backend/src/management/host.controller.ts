import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { ErrorBody } from '../../../libs/protocol/src/index.ts';
import { Public } from '../users/caller.ts';
import { HostDoor } from './host-door.service.ts';
import { HostChallenge, HostProof } from './host-proof.ts';

@ApiTags('accounts')
@Controller('api/host')
export class HostController {
  constructor(private readonly door: HostDoor) {}

  /** By this the host's own tool knows that it speaks to the server that wrote the token into its files, before it tells it anything (ACC15). */
  @Public()
  @Post('proof')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: HostProof })
  @ApiNotFoundResponse({ standardSchema: ErrorBody, description: 'This server has left no token for its host.' })
  prove(@Body({ schema: HostChallenge }) { nonce }: z.output<typeof HostChallenge>): HostProof {
    return { proof: this.door.prove(nonce) };
  }
}
