import { Module } from '@nestjs/common';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccountTraces } from './account-traces.ts';
import { Admissions } from './admissions.service.ts';
import { CommitRules } from './commit-rules.ts';
import { GroupStatuses } from './group-status.service.ts';
import { GroupStore } from './group-store.ts';
import { GroupsController } from './groups.controller.ts';
import { Announcements, Departures, Groups, Rejoining } from './groups.service.ts';
import { KeyPackages } from './key-packages.service.ts';
import { Ordering } from './ordering.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, RoomsModule],
  controllers: [GroupsController],
  providers: [
    GroupStore,
    GroupStatuses,
    KeyPackages,
    Admissions,
    CommitRules,
    Ordering,
    Announcements,
    Groups,
    Departures,
    Rejoining,
    AccountTraces,
  ],
  exports: [GroupStore, GroupStatuses, KeyPackages, Admissions, Groups],
})
export class GroupsModule {}
