import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { HandoffModule } from '../auth/handoff/handoff.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Directory } from './directory.service.ts';
import { GuestBook } from './guest-book.service.ts';
import { GuestsController } from './guests.controller.ts';
import { GuestFarewell, Guests } from './guests.service.ts';
import { HandoffRooms } from './handoff-rooms.service.ts';
import { HandoffController } from './handoff.controller.ts';
import { Handoff } from './handoff.service.ts';
import { InvitesController } from './invites.controller.ts';
import { Invites } from './invites.service.ts';
import { Pictures } from './pictures.service.ts';
import { RegistrationController } from './registration.controller.ts';
import { OpenDoor } from './open-door.service.ts';
import { Newcomers, Registration } from './registration.service.ts';
import { RoleCertificates } from './role-certificates.service.ts';
import { RoomsController } from './rooms.controller.ts';
import { Revocations } from './revocations.service.ts';
import { Rooms } from './rooms.service.ts';
import { Founding } from './founding.service.ts';
import { Joining } from './joining.service.ts';
import { Overflow } from './overflow.service.ts';
import { RoomChanges } from './room-changes.service.ts';
import { RoomEnds } from './room-ends.service.ts';
import { RoomGuesses } from './room-guesses.service.ts';
import { RoomNews } from './room-news.service.ts';
import { Entitlements } from './entitlements.service.ts';
import { SiteRoomsController } from './site-rooms.controller.ts';
import { SiteRooms } from './site-rooms.service.ts';
import { ConfiguredRooms } from './configured-rooms.service.ts';
import { Invited } from './invited.service.ts';
import { RoomInvitesController } from './room-invites.controller.ts';
import { RoomInvites } from './room-invites.service.ts';
import { Blocks } from './blocks.service.ts';
import { DirectsController } from './directs.controller.ts';
import { Directs } from './directs.service.ts';
import { MembershipWatch } from './membership-watch.service.ts';
import { Passage } from './passage.service.ts';
import { StewardsController } from './stewards.controller.ts';
import { Waiting } from './waiting.service.ts';
import { Setup } from './setup.service.ts';
import { Subjects } from './subjects.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule, HandoffModule],
  controllers: [
    RegistrationController,
    InvitesController,
    RoomsController,
    SiteRoomsController, // its slugs before the ids of others
    StewardsController,
    DirectsController,
    RoomInvitesController,
    HandoffController,
    GuestsController,
  ],
  providers: [
    Rooms,
    Directory,
    Founding,
    RoomNews,
    Joining,
    Waiting,
    Overflow,
    RoomGuesses,
    RoomChanges,
    RoomEnds,
    Directs,
    Entitlements,
    ConfiguredRooms,
    RoomInvites,
    Invited,
    SiteRooms,
    Blocks,
    Passage,
    MembershipWatch,
    Invites,
    Setup,
    Registration,
    Newcomers,
    OpenDoor,
    Subjects,
    HandoffRooms,
    Pictures,
    Handoff,
    Revocations,
    GuestBook,
    Guests,
    GuestFarewell,
    RoleCertificates,
  ],
  exports: [
    Passage,
    RoomInvites,
    Rooms,
    RoomNews,
    RoomEnds,
    Waiting,
    Directory,
    Invites,
    Setup,
    GuestFarewell,
    HandoffModule,
    RoleCertificates,
  ],
})
export class RoomsModule {}
