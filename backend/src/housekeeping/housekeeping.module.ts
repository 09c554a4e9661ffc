import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { GroupsModule } from '../groups/groups.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RelayModule } from '../relay/relay.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Housekeeping, Sweepers } from './housekeeping.service.ts';
import { RelayFigures, StatisticsController } from './statistics.controller.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, RoomsModule, GroupsModule, RelayModule],
  controllers: [StatisticsController],
  providers: [Housekeeping, Sweepers, RelayFigures],
})
export class HousekeepingModule {}
