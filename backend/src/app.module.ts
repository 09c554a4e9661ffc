import { Module, type DynamicModule } from '@nestjs/common';
import { MulterModule } from '@nestjs/platform-express';
import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import type { Logger, LogFn } from 'pino';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { DatabaseModule } from './database/database.module.ts';
import { GatewayModule } from './gateway/gateway.module.ts';
import { HouseModule } from './house.module.ts';
import type { Secrets } from './secrets.ts';
import { feedForm } from './text-bodies.ts';

@Module({})
export class AppModule {
  static of(config: Config, secrets: Secrets, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [HouseModule.of(config, secrets), DatabaseModule.of(database), logging(config.logLevel), forms(), GatewayModule],
    };
  }
}

/** Multipart forms of every route are checked before they are parsed. */
function forms(): DynamicModule {
  const options: object = { streamHandler: feedForm };
  return { ...MulterModule.register(options), global: true };
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
        req: ({ method, url }: IncomingMessage) => ({ method, path: withoutNames((url ?? '').split('?', 1)[0]!) }),
        res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
        err: loggable,
        error: loggable,
      },
    },
  });
}

/** A path may hold the secret of a link, or whom an embedding site means. However it is written: routes are found in any case. */
function withoutNames(path: string): string {
  return path.replace(/\/links\/[^/]+/i, '/links/-').replace(/\/subjects\/.*/i, '/subjects/-');
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
