import { Module } from '@nestjs/common';
import { GroupsModule } from '../groups/groups.module.ts';
import { ManagementModule } from '../management/management.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { ActTraces } from './act-traces.ts';
import { ActsController } from './acts.controller.ts';
import { Acts, Proclaimer } from './acts.service.ts';
import { AuditChain } from './audit-chain.service.ts';
import { AuditLog } from './audit-log.service.ts';
import { AuditController } from './audit.controller.ts';
import { BanList } from './ban-list.service.ts';
import { Cases } from './cases.service.ts';
import { Effects } from './effects.service.ts';
import { HouseRooms } from './house-rooms.service.ts';
import { HouseController } from './house.controller.ts';
import { ModerationWatch } from './moderation-watch.service.ts';
import { Preview } from './preview.service.ts';
import { ReportsController } from './reports.controller.ts';
import { Reports } from './reports.service.ts';
import { Standing } from './standing.service.ts';
import { Tidings } from './tidings.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, ManagementModule, RoomsModule, GroupsModule],
  controllers: [ActsController, ReportsController, AuditController, HouseController],
  providers: [
    Acts,
    Proclaimer,
    Effects,
    Tidings,
    ModerationWatch,
    Preview,
    Standing,
    Reports,
    Cases,
    AuditLog,
    AuditChain,
    ActTraces,
    BanList,
    HouseRooms,
  ],
  exports: [Standing, Reports, BanList],
})
export class ModerationModule {}
