import { Module } from '@nestjs/common';
import { PresenceModule } from '../presence/presence.module.ts';
import { RoomsModule } from '../rooms/rooms.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { FileBytes } from './file-bytes.ts';
import { FilesController } from './files.controller.ts';
import { SealedFiles } from './sealed-files.service.ts';

@Module({
  imports: [PresenceModule, UsersModule, RoomsModule],
  controllers: [FilesController],
  providers: [FileBytes, SealedFiles],
  exports: [SealedFiles],
})
export class FilesModule {}
