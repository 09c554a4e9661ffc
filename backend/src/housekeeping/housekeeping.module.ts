import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { FilesModule } from '../files/files.module.ts';
import { GroupsModule } from '../groups/groups.module.ts';
import { ModerationModule } from '../moderation/moderation.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RelayModule } from '../relay/relay.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { History } from './history.service.ts';
import { Housekeeping, Sweepers } from './housekeeping.service.ts';
import { IdleDevices } from './idle-devices.service.ts';
import { LiveFigures } from './live-statistics.service.ts';
import { PlotsController, RelayFigures, StatisticsController } from './statistics.controller.ts';
import { DirectSums } from './sums.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, RoomsModule, GroupsModule, FilesModule, RelayModule, ModerationModule],
  controllers: [StatisticsController, PlotsController],
  providers: [Housekeeping, Sweepers, IdleDevices, RelayFigures, DirectSums, History, LiveFigures],
  exports: [DirectSums],
})
export class HousekeepingModule {}
