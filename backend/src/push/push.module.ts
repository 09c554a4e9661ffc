import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RelayModule } from '../relay/relay.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { PushController } from './push.controller.ts';
import { PushKeys } from './push-keys.service.ts';
import { Push } from './push.service.ts';
import { Subscriptions } from './subscriptions.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, RelayModule],
  controllers: [PushController],
  providers: [PushKeys, Subscriptions, Push],
})
export class PushModule {}
