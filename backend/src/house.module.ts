import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from './config.ts';
import { SECRETS, type Secrets } from './secrets.ts';

/** Configuration and secrets, read once before anything starts. */
@Global()
@Module({})
export class HouseModule {
  static of(config: Config, secrets: Secrets): DynamicModule {
    return {
      module: HouseModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: SECRETS, useValue: secrets },
      ],
      exports: [CONFIG, SECRETS],
    };
  }
}
