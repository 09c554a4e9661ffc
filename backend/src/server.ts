import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import 'reflect-metadata';
import { describeApi } from './api-docs.ts';
import { AppModule } from './app.module.ts';
import type { Config } from './config.ts';
import { Database } from './database/database.ts';
import { DoorPolicy } from './gateway/door-policy.ts';
import { PlainWsAdapter } from './gateway/ws.adapter.ts';
import { badRequest, ErrorFilter, protectAndParse } from './http.ts';
import { findPages, servePages } from './pages.ts';
import { Setup } from './rooms/setup.service.ts';
import { openDataDir, readSecrets } from './secrets.ts';
import { TrustedProxies } from './trusted-proxies.ts';

export type ServerApp = { app: NestExpressApplication; config: Config; setupToken: string | null };

/** Everything but listening. */
export async function createServerApp(config: Config): Promise<ServerApp> {
  openDataDir(config.dataDir);
  const secrets = readSecrets(config.dataDir);
  const database = new Database(config);
  await database.open();
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(config, secrets, database), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.useLogger(app.get(Logger));
  app.set('trust proxy', new TrustedProxies(config.trustedProxies).trusts);
  protectAndParse(app);
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: badRequest }));
  app.useGlobalFilters(new ErrorFilter());
  app.useWebSocketAdapter(new PlainWsAdapter(app, app.get(DoorPolicy)));
  describeApi(app);
  servePages(app, findPages(config.pagesDir), config);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  return { app, config, setupToken: await app.get(Setup).begin() };
}
