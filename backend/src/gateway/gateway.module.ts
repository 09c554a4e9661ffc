import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { BackupsModule } from '../backups/backups.module.ts';
import { FilesModule } from '../files/files.module.ts';
import { GroupsModule } from '../groups/groups.module.ts';
import { HousekeepingModule } from '../housekeeping/housekeeping.module.ts';
import { ManagementModule } from '../management/management.module.ts';
import { ModerationModule } from '../moderation/moderation.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { PushModule } from '../push/push.module.ts';
import { RelayModule } from '../relay/relay.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { SignalingModule } from '../signaling/signaling.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Aftermath } from './aftermath.service.ts';
import { Dispatch, Keeping, RoomEntry, RoomOutlook } from './dispatch.ts';
import { DoorPolicy } from './door-policy.ts';
import { Door } from './door.gateway.ts';
import { Entrance } from './entrance.service.ts';
import { HealthController } from './health.controller.ts';

@Module({
  imports: [
    PresenceModule,
    UsersModule,
    BackupsModule,
    AuthModule,
    ManagementModule,
    RoomsModule,
    GroupsModule,
    FilesModule,
    SignalingModule,
    RelayModule,
    PushModule,
    ModerationModule,
    HousekeepingModule,
  ],
  controllers: [HealthController],
  providers: [DoorPolicy, Door, Entrance, Aftermath, Dispatch, RoomEntry, RoomOutlook, Keeping],
})
export class GatewayModule {}
