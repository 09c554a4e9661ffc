import { Module } from '@nestjs/common';
import { GroupsModule } from '../groups/groups.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { Acknowledgements } from './acknowledgements.service.ts';
import { Expiry } from './expiry.service.ts';
import { Floods } from './floods.service.ts';
import { Handover } from './handover.service.ts';
import { Hold } from './hold.service.ts';
import { Relay } from './relay.service.ts';

@Module({
  imports: [PresenceModule, RoomsModule, GroupsModule],
  providers: [Relay, Floods, Hold, Acknowledgements, Handover, Expiry],
  exports: [Relay, Hold, Acknowledgements, Handover, Expiry],
})
export class RelayModule {}
