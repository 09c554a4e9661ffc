import { brandFields, readBrand, type Brand } from './brand.ts';
import { resolve } from 'node:path';
import * as z from 'zod';
import { limits } from '../../libs/protocol/src/index.ts';
import { isExample, list, origin, setting, whole } from './config-fields.ts';
import { checkPush, pushFields, readPush, type PushSettings } from './push-settings.ts';
import { readRoomsFile, type ConfiguredRoom } from './rooms-file.ts';
import { checkHandoff, handoffFields, readHandoff, type HandoffSettings } from './handoff-settings.ts';

/** What an operator may decide, read once from the environment. `.env.example` explains each. */
export const CONFIG = Symbol('configuration');

const iceUrls = (schemes: RegExp) => list.refine((urls) => urls.every((url) => schemes.test(url)), 'holds an address of another kind');

const Environment = z.object({
  NODE_ENV: setting(z.enum(['production', 'development', 'test']).default('production')),
  DATA_DIR: setting(z.string().default('./data')),
  PORT: whole(0, 65_535, 8080),
  HOST: setting(z.string().default('0.0.0.0')),
  DATABASE_URL: setting(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
      .optional(),
  ),
  REDIS_URL: setting(z.undefined('several nodes are not supported yet: remove it')),
  PUBLIC_URL: setting(origin.optional()),
  ALLOWED_ORIGINS: list.pipe(z.array(origin)),
  TRUSTED_PROXIES: list.pipe(
    z.array(z.string().regex(/^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(\/\d{1,3})?)$/, 'is not an address or subnet')),
  ),
  SITE_NAME: setting(z.string().max(60).default('Conclave')),
  SITE_COLOR: setting(brandFields.SITE_COLOR),
  SITE_URL: setting(brandFields.SITE_URL),
  SITE_LOGO: setting(brandFields.SITE_LOGO),
  REGISTRATION: setting(z.enum(['open', 'invite', 'closed']).default('invite')),
  GUESTS: setting(z.enum(['on', 'off']).default('off')),
  ...handoffFields,
  LOCK_AFTER_MINUTES: setting(
    z
      .string()
      .regex(/^(?!0+$)\d{1,4}$/, 'must be a whole number of minutes, at least 1')
      .transform(Number)
      .optional(),
  ),
  ROOMS_FILE: setting(z.string().optional()),
  RELAY: setting(z.enum(['on', 'off']).default('on')),
  MAX_CONNECTIONS: whole(1, 1_000_000, 10_000),
  MAX_DEVICES_PER_ROOM: whole(2, limits.devicesPerRoom, limits.devicesPerRoom),
  RELAY_DAYS: whole(1, 365, limits.relayDays),
  DEVICE_IDLE_DAYS: whole(0, 3650, 60),
  FLOOD_PER_MINUTE: whole(0, 100_000, 240),
  BACKUP_MAX_BYTES: whole(0, 1024 ** 4, 64 * 1024 ** 2),
  FILE_MAX_BYTES: whole(0, 1024 ** 4, 100 * 1024 ** 2),
  FILE_QUOTA_BYTES: whole(0, 1024 ** 5, 1024 ** 3),
  FILE_STORE_BYTES: whole(0, 1024 ** 5, 10 * 1024 ** 3),
  FILE_DAYS: whole(1, 365, 30),
  ...pushFields,
  STUN: setting(z.enum(['on', 'off']).default('on')),
  STUN_PORT: whole(0, 65_535, 3478),
  STUN_HOST: setting(z.union([z.ipv4(), z.ipv6()], 'must be an address').optional()),
  STUN_URLS: iceUrls(/^stuns?:/),
  TURN_URLS: iceUrls(/^turns?:/),
  TURN_SECRET: setting(z.string().min(16, 'needs at least 16 characters').optional()),
  PAGES_DIR: setting(z.string().optional()),
  LOG_LEVEL: setting(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')),
  BCRYPT_COST: whole(4, 15, 12),
});

const Checked = Environment.superRefine((env, context) => {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (env.NODE_ENV !== 'test' && env.BCRYPT_COST < 10) refuse('BCRYPT_COST', 'must be at least 10');
  if (env.TURN_URLS.length > 0 && env.TURN_SECRET === undefined) refuse('TURN_SECRET', 'is needed when TURN_URLS is set');
  if (env.TURN_SECRET && isExample(env.TURN_SECRET)) {
    refuse('TURN_SECRET', 'is an example: make your own with `openssl rand -hex 32`');
  }
  checkHandoff(env, refuse);
  checkPush(env, refuse);
});

export type Config = {
  production: boolean;
  dataDir: string;
  port: number;
  host: string;
  databaseUrl: string | undefined;
  publicUrl: string | undefined;
  /** Exact origins that may open a socket; empty: only the host the request names. */
  origins: string[];
  trustedProxies: string[];
  siteName: string;
  brand: Brand;
  registration: 'open' | 'invite' | 'closed';
  /** Who has no account may come in with a name (ACC11). */
  guests: boolean;
  /** An embedding site hands its users over (ACC10); null: it does not. */
  handoff: HandoffSettings | null;
  /** Clients lock themselves after this long without a touch; null: as each person wants (ACC16). */
  lockAfterMs: number | null;
  /** Rooms of the house (ROOM7). */
  rooms: ConfiguredRoom[];
  relay: boolean;
  maxConnections: number;
  maxDevicesPerRoom: number;
  relayDays: number;
  /** A device that was not seen for so long is removed (D5); 0: never. */
  deviceIdleDays: number;
  /** What one account may send into one room, in the long run (MOD6); 0: as much as its sockets take. */
  floodPerMinute: number;
  /** Sealed history of one account; 0: keys only. */
  backupMaxBytes: number;
  /** The sealed storage of files, in bytes and days (FILE1); null: there is none. */
  files: { maxBytes: number; quotaBytes: number; storeBytes: number; days: number } | null;
  push: PushSettings;
  /** The server answers STUN itself on this UDP port, at this address or at all. */
  stun: boolean;
  stunPort: number;
  stunHost: string | undefined;
  stunUrls: string[];
  turnUrls: string[];
  turnSecret: string | undefined;
  /** Where the built client is, if not beside the server. */
  pagesDir: string | undefined;
  logLevel: string;
  bcryptCost: number;
};

/** A configuration that makes no sense: `message` names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = Checked.safeParse(environment);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path[0]?.toString() ?? ''}: ${issue.message}`).join('\n'));
  }
  const env = parsed.data;
  return {
    production: env.NODE_ENV === 'production',
    dataDir: resolve(env.DATA_DIR),
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.PUBLIC_URL,
    origins: [...new Set([...(env.PUBLIC_URL ? [env.PUBLIC_URL] : []), ...env.ALLOWED_ORIGINS])],
    trustedProxies: env.TRUSTED_PROXIES,
    siteName: env.SITE_NAME,
    brand: brandOf(env),
    registration: env.REGISTRATION,
    guests: env.GUESTS === 'on' && env.HANDOFF_MODE !== 'strict',
    handoff: readHandoff(env),
    lockAfterMs: env.LOCK_AFTER_MINUTES === undefined ? null : env.LOCK_AFTER_MINUTES * 60_000,
    rooms: roomsOf(env.ROOMS_FILE),
    relay: env.RELAY === 'on',
    maxConnections: env.MAX_CONNECTIONS,
    maxDevicesPerRoom: env.MAX_DEVICES_PER_ROOM,
    relayDays: env.RELAY_DAYS,
    deviceIdleDays: env.DEVICE_IDLE_DAYS,
    floodPerMinute: env.FLOOD_PER_MINUTE,
    backupMaxBytes: env.BACKUP_MAX_BYTES,
    files: filesOf(env),
    push: readPush(env),
    stun: env.STUN === 'on',
    stunPort: env.STUN_PORT,
    stunHost: env.STUN_HOST,
    stunUrls: env.STUN_URLS,
    turnUrls: env.TURN_URLS,
    turnSecret: env.TURN_SECRET,
    pagesDir: env.PAGES_DIR,
    logLevel: env.LOG_LEVEL,
    bcryptCost: env.BCRYPT_COST,
  };
}

/** A house that carries no messages keeps no files either. */
function filesOf(env: z.output<typeof Environment>): Config['files'] {
  if (env.RELAY === 'off' || env.FILE_MAX_BYTES === 0) return null;
  return { maxBytes: env.FILE_MAX_BYTES, quotaBytes: env.FILE_QUOTA_BYTES, storeBytes: env.FILE_STORE_BYTES, days: env.FILE_DAYS };
}

function brandOf(env: z.output<typeof Environment>): Brand {
  try {
    return readBrand(env);
  } catch (error) {
    throw new ConfigError(`SITE_LOGO: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function roomsOf(file: string | undefined): ConfiguredRoom[] {
  try {
    return file === undefined ? [] : readRoomsFile(resolve(file));
  } catch (error) {
    throw new ConfigError(`ROOMS_FILE: ${(error as Error).message}`, { cause: error });
  }
}
