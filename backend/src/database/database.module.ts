import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Database } from './database.ts';

@Global()
@Module({})
export class DatabaseModule {
  /** Opened before anything else is built, so that a start that cannot succeed says why in one line. */
  static of(database: Database): DynamicModule {
    return { module: DatabaseModule, providers: [{ provide: Database, useValue: database }], exports: [Database] };
  }
}
