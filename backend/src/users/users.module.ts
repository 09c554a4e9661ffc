import { Module } from '@nestjs/common';
import { PresenceModule } from '../presence/presence.module.ts';
import { AccountRemoval } from './account-removal.service.ts';
import { ApiTokens } from './api-tokens.service.ts';
import { Avatars } from './avatars.service.ts';
import { Devices } from './devices.service.ts';
import { Links } from './links.service.ts';
import { MeController } from './me.controller.ts';
import { Names } from './names.service.ts';
import { ProfilesController } from './profiles.controller.ts';
import { Profiles } from './profiles.service.ts';
import { SiteBans } from './site-bans.service.ts';
import { Statuses } from './statuses.service.ts';
import { Users } from './users.service.ts';

const services = [Users, Names, Profiles, Avatars, Devices, Links, ApiTokens, AccountRemoval, SiteBans, Statuses];

@Module({ imports: [PresenceModule], controllers: [MeController, ProfilesController], providers: services, exports: services })
export class UsersModule {}
