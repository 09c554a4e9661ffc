import { resolve } from 'node:path';
import * as z from 'zod';
import { limits } from '../../libs/protocol/src/index.ts';

/** What an operator may decide, read once from the environment. `.env.example` explains each. */
export const CONFIG = Symbol('configuration');

const blankIsAbsent = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value);
const setting = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsAbsent, schema);
const whole = (min: number, max: number, preset: number) =>
  setting(z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max)).default(preset));
const list = setting(
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .default([]),
);
const origin = z.string().refine((text) => {
  try {
    return new URL(text).origin === text && /^https?:/.test(text);
  } catch {
    return false;
  }
}, 'must be an origin such as https://chat.example.org, without a path');
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
  REGISTRATION: setting(z.enum(['open', 'invite', 'closed']).default('invite')),
  RELAY: setting(z.enum(['on', 'off']).default('on')),
  MAX_CONNECTIONS: whole(1, 1_000_000, 10_000),
  MAX_DEVICES_PER_ROOM: whole(2, limits.devicesPerRoom, limits.devicesPerRoom),
  RELAY_DAYS: whole(1, 365, limits.relayDays),
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

const examples = ['change-me', 'changeme', 'secret', 'example', 'replace-me'];

const Checked = Environment.superRefine((env, context) => {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (env.NODE_ENV !== 'test' && env.BCRYPT_COST < 10) refuse('BCRYPT_COST', 'must be at least 10');
  if (env.TURN_URLS.length > 0 && env.TURN_SECRET === undefined) refuse('TURN_SECRET', 'is needed when TURN_URLS is set');
  if (env.TURN_SECRET && examples.some((word) => env.TURN_SECRET!.toLowerCase().includes(word))) {
    refuse('TURN_SECRET', 'is an example: make your own with `openssl rand -hex 32`');
  }
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
  registration: 'open' | 'invite' | 'closed';
  relay: boolean;
  maxConnections: number;
  maxDevicesPerRoom: number;
  relayDays: number;
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
    registration: env.REGISTRATION,
    relay: env.RELAY === 'on',
    maxConnections: env.MAX_CONNECTIONS,
    maxDevicesPerRoom: env.MAX_DEVICES_PER_ROOM,
    relayDays: env.RELAY_DAYS,
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
