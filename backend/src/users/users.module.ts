import { Module } from '@nestjs/common';
import { Devices } from './devices.service.ts';
import { Links } from './links.service.ts';
import { MeController } from './me.controller.ts';
import { Users } from './users.service.ts';

@Module({ controllers: [MeController], providers: [Users, Devices, Links], exports: [Users, Devices, Links] })
export class UsersModule {}
