import { Module, type DynamicModule } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import type { Logger, LogFn } from 'pino';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { DatabaseModule } from './database/database.module.ts';
import { GatewayModule } from './gateway/gateway.module.ts';
import { HouseModule } from './house.module.ts';
import type { Secrets } from './secrets.ts';

@Module({})
export class AppModule {
  static of(config: Config, secrets: Secrets, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [HouseModule.of(config, secrets), DatabaseModule.of(database), logging(config.logLevel), GatewayModule],
    };
  }
}

/** Lines without names, addresses, tokens, bodies or query strings: method, path with ids, status, duration. */
function logging(level: string): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level,
      customLogLevel: (_, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      hooks: { logMethod: withoutWiring },
      wrapSerializers: false,
      serializers: {
        req: ({ method, url }: IncomingMessage) => ({ method, path: (url ?? '').split('?', 1)[0]!.replace(/\/links\/[^/]+/, '/links/-') }),
        res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
        err: loggable,
        error: loggable,
      },
    },
  });
}

/** What Nest tells of its own wiring at every start: for whoever debugs it, not for an operator. */
const wiring = new Set(['RouterExplorer', 'RoutesResolver', 'InstanceLoader', 'NestFactory']);
const INFO = 30;

function withoutWiring(this: Logger, args: Parameters<LogFn>, log: LogFn, level: number): void {
  const [first] = args as unknown[];
  const context = typeof first === 'object' && first !== null && 'context' in first ? first.context : null;
  if (level === INFO && typeof context === 'string' && wiring.has(context)) return;
  log.apply(this, args);
}

/** The parameters of a failed query are what people wrote: only the kind, the place and the text go to the log. */
function loggable(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' };
  const { name, message, stack, code } = error as Error & { code?: string };
  return { name, message, code, stack };
}
