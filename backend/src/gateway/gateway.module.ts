import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { DoorPolicy } from './door-policy.ts';
import { HealthController } from './health.controller.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, RoomsModule],
  controllers: [HealthController],
  providers: [DoorPolicy],
})
export class GatewayModule {}
