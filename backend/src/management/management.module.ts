import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccountAccessController } from './account-access.controller.ts';
import { AccountList } from './account-list.service.ts';
import { AccountsForOthers } from './accounts-for-others.service.ts';
import { AccountsController } from './accounts.controller.ts';
import { Accounts, Rights, WaysBack } from './accounts.service.ts';
import { Exports } from './exports.service.ts';
import { HostDoor } from './host-door.service.ts';
import { HostController } from './host.controller.ts';
import { OwnAccountController } from './own-account.controller.ts';
import { TokensController } from './tokens.controller.ts';

@Module({
  imports: [UsersModule, AuthModule],
  controllers: [AccountsController, AccountAccessController, TokensController, OwnAccountController, HostController],
  providers: [AccountList, AccountsForOthers, Accounts, Rights, WaysBack, Exports, HostDoor],
  exports: [Rights],
})
export class ManagementModule {}
