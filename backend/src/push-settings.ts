import * as z from 'zod';
import { setting, whole } from './config-fields.ts';

/* Notices to devices whose app is closed (PRES4). */

const key = (length: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${length}}$`), 'must be a key of `npx web-push generate-vapid-keys`');

export const pushFields = {
  PUSH: setting(z.enum(['on', 'off']).default('on')),
  VAPID_PUBLIC_KEY: setting(key(87).optional()),
  VAPID_PRIVATE_KEY: setting(key(43).optional()),
  VAPID_SUBJECT: setting(
    z
      .string()
      .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, 'must be mailto: and an address, or an https:// address')
      .optional(),
  ),
  PUSH_EVERY_SECONDS: whole(0, 3_600, 10),
  PUSH_ALLOW_LOOPBACK: setting(z.enum(['on', 'off']).default('off')),
};
const Fields = z.object(pushFields);
type Fields = z.infer<typeof Fields>;

export type PushSettings = {
  on: boolean;
  /** Null: made at first start, and kept in the database. */
  keys: { publicKey: string; privateKey: string } | null;
  /** Whom a push service writes to when something is wrong. */
  subject: string;
  /** Between two pushes to one device about one room, ms. */
  everyMs: number;
  /** Push services on this very machine, for tests. */
  allowLoopback: boolean;
};

export function checkPush(env: Fields & { NODE_ENV: string }, refuse: (path: string, message: string) => void): void {
  if ((env.VAPID_PUBLIC_KEY === undefined) !== (env.VAPID_PRIVATE_KEY === undefined))
    refuse(env.VAPID_PUBLIC_KEY === undefined ? 'VAPID_PUBLIC_KEY' : 'VAPID_PRIVATE_KEY', 'is needed beside the other');
  if (env.PUSH_ALLOW_LOOPBACK === 'on' && env.NODE_ENV === 'production')
    refuse('PUSH_ALLOW_LOOPBACK', 'is for tests: it lets clients make this server ask this machine');
}

export function readPush(env: Fields & { PUBLIC_URL?: string | undefined }): PushSettings {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey } = env;
  const site = env.PUBLIC_URL?.startsWith('https://') ? env.PUBLIC_URL : undefined;
  return {
    on: env.PUSH === 'on',
    keys: publicKey !== undefined && privateKey !== undefined ? { publicKey, privateKey } : null,
    subject: env.VAPID_SUBJECT ?? site ?? 'mailto:postmaster@conclave.invalid',
    everyMs: env.PUSH_EVERY_SECONDS * 1_000,
    allowLoopback: env.PUSH_ALLOW_LOOPBACK === 'on',
  };
}
