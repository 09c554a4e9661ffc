import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { AccountExport, ConclaveError, DeletionRequest } from '../../../libs/protocol/src/index.ts';
import { OwnPassword } from '../auth/own-password.service.ts';
import { WhoCalls, type Caller } from '../users/caller.ts';
import { Users } from '../users/users.service.ts';
import { Accounts, WaysBack } from './accounts.service.ts';
import { Exports } from './exports.service.ts';

/** Taking one's data along, and going (ACC13). */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/me')
export class OwnAccountController {
  constructor(
    private readonly exports: Exports,
    private readonly users: Users,
    private readonly password: OwnPassword,
    private readonly accounts: Accounts,
    private readonly waysBack: WaysBack,
  ) {}

  @Get('export')
  @Header('Content-Disposition', 'attachment; filename="conclave-account.json"')
  @ApiOkResponse({ standardSchema: AccountExport })
  export(@WhoCalls() caller: Caller): Promise<AccountExport> {
    return this.exports.of(caller);
  }

  /** A wrong password counts as a guess. Sessions end and sockets close with the account. */
  @Post('deletion')
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@WhoCalls() caller: Caller, @Body({ schema: DeletionRequest }) request: DeletionRequest): Promise<void> {
    const { username } = await this.users.byId(caller.user);
    if (request.username.trim().toLowerCase() !== username)
      throw new ConclaveError('bad-request', 'username: type your own username to confirm');
    await this.password.prove(caller, request.password);
    await this.accounts.remove(caller, caller.user);
    await this.waysBack.forgiveName(username);
  }
}
