import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config.ts';
import { Database } from './database.ts';

@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [CONFIG],
      useFactory: async (config: Config) => {
        const database = new Database(config);
        await database.open();
        return database;
      },
    },
  ],
  exports: [Database],
})
export class DatabaseModule {}
