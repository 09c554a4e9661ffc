import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { GroupsModule } from '../groups/groups.module.ts';
import { HousekeepingModule } from '../housekeeping/housekeeping.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RelayModule } from '../relay/relay.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { SignalingModule } from '../signaling/signaling.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Aftermath } from './aftermath.service.ts';
import { Dispatch, Keeping, RoomEntry } from './dispatch.ts';
import { DoorPolicy } from './door-policy.ts';
import { Door } from './door.gateway.ts';
import { Entrance } from './entrance.service.ts';
import { HealthController } from './health.controller.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, RoomsModule, GroupsModule, SignalingModule, RelayModule, HousekeepingModule],
  controllers: [HealthController],
  providers: [DoorPolicy, Door, Entrance, Aftermath, Dispatch, RoomEntry, Keeping],
})
export class GatewayModule {}
