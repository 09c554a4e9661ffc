import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Directory } from './directory.service.ts';
import { Invites } from './invites.service.ts';
import { RegistrationController } from './registration.controller.ts';
import { AccountMaking, Registration } from './registration.service.ts';
import { RoomsController } from './rooms.controller.ts';
import { Rooms } from './rooms.service.ts';
import { Setup } from './setup.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, AuthModule],
  controllers: [RegistrationController, RoomsController],
  providers: [Rooms, Directory, Invites, Setup, Registration, AccountMaking],
  exports: [Rooms, Directory, Invites, Setup],
})
export class RoomsModule {}
