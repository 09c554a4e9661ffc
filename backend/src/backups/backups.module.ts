import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { BackupsController } from './backups.controller.ts';
import { Backups } from './backups.service.ts';

@Module({ imports: [UsersModule], controllers: [BackupsController], providers: [Backups] })
export class BackupsModule {}
