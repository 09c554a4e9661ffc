import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import {
  AccountChange,
  AccountDetail,
  AccountLine,
  AccountPage,
  AccountQuery,
  AccountRequest,
  LockRequest,
  NewAccount,
  ResetLink,
  UserId,
} from '../../../libs/protocol/src/index.ts';
import { Scope, WhoCalls, type Caller } from '../users/caller.ts';
import { AccountList } from './account-list.service.ts';
import { AccountsForOthers } from './accounts-for-others.service.ts';
import { Accounts, WaysBack } from './accounts.service.ts';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('api/admin/accounts')
export class AccountsController {
  constructor(
    private readonly list: AccountList,
    private readonly forOthers: AccountsForOthers,
    private readonly accounts: Accounts,
    private readonly waysBack: WaysBack,
  ) {}

  @Get()
  @Scope('accounts:read')
  @ApiOkResponse({ standardSchema: AccountPage })
  page(@Query({ schema: AccountQuery }) query: z.output<typeof AccountQuery>): Promise<AccountPage> {
    return this.list.page(query);
  }

  @Post()
  @Scope('accounts:write')
  @ApiCreatedResponse({ standardSchema: NewAccount })
  make(@WhoCalls() caller: Caller, @Body({ schema: AccountRequest }) request: z.output<typeof AccountRequest>): Promise<NewAccount> {
    return this.forOthers.make(caller, request);
  }

  @Get(':user')
  @Scope('accounts:read')
  @ApiOkResponse({ standardSchema: AccountDetail })
  detail(@Param('user', { schema: UserId }) user: UserId): Promise<AccountDetail> {
    return this.list.detail(user);
  }

  @Patch(':user')
  @Scope('accounts:write')
  @ApiOkResponse({ standardSchema: AccountLine })
  async change(
    @WhoCalls() caller: Caller,
    @Param('user', { schema: UserId }) user: UserId,
    @Body({ schema: AccountChange }) change: z.output<typeof AccountChange>,
  ): Promise<AccountLine> {
    await this.accounts.change(caller, user, change);
    return this.list.line(user);
  }

  @Delete(':user')
  @HttpCode(204)
  @Scope('accounts:write')
  @ApiNoContentResponse()
  async remove(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<void> {
    const { username } = await this.list.line(user);
    await this.accounts.remove(caller, user);
    await this.waysBack.forgiveName(username);
  }

  @Post(':user/lock')
  @HttpCode(200)
  @Scope('accounts:write')
  @ApiOkResponse({ standardSchema: AccountLine })
  async lock(
    @WhoCalls() caller: Caller,
    @Param('user', { schema: UserId }) user: UserId,
    @Body({ schema: LockRequest }) { reason }: z.output<typeof LockRequest>,
  ): Promise<AccountLine> {
    await this.accounts.lock(caller, user, reason);
    return this.list.line(user);
  }

  /** Ends a lock, and the waits of wrong guesses as well. */
  @Post(':user/unlock')
  @HttpCode(200)
  @Scope('accounts:write')
  @ApiOkResponse({ standardSchema: AccountLine })
  async unlock(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<AccountLine> {
    await this.accounts.unlock(caller, user);
    await this.waysBack.forgiveName((await this.list.line(user)).username);
    return this.list.line(user);
  }

  @Post(':user/reset')
  @Scope('accounts:write')
  @ApiCreatedResponse({ standardSchema: ResetLink })
  reset(@WhoCalls() caller: Caller, @Param('user', { schema: UserId }) user: UserId): Promise<ResetLink> {
    return this.waysBack.reset(caller, user);
  }
}
