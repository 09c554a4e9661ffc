import { Module } from '@nestjs/common';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { StunModule } from '../stun/stun.module.ts';
import { IceController } from './ice.controller.ts';
import { Signals } from './signals.service.ts';

@Module({ imports: [PresenceModule, RoomsModule, StunModule], controllers: [IceController], providers: [Signals], exports: [Signals] })
export class SignalingModule {}
