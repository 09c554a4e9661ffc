import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigError } from './config.ts';

/** Keys that only this server has, made at first start and kept beside the database. */
export const SECRETS = Symbol('secrets');

export type Secrets = {
  /** Signs access tokens. */
  jwt: KeyObject;
  /** Mixed into passwords before bcrypt, so that a stolen database alone cannot be guessed at. */
  pepper: Buffer;
  /** Authenticates refresh tokens and cookies. */
  mac: Buffer;
  /** Ed25519: signs commits, admissions, Remove proposals. */
  server: ServerKey;
};
export type ServerKey = { publicKey: Uint8Array; privateKey: Uint8Array; sign(bytes: Uint8Array): Uint8Array };

const Stored = z.strictObject({ jwt: z.string(), pepper: z.string(), mac: z.string(), server: z.string() });

export function openDataDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  requirePrivate(dir);
}

export function readSecrets(dir: string): Secrets {
  const file = join(dir, 'secrets.json');
  if (!existsSync(file)) writeSecrets(file);
  requirePrivate(file);
  const parsed = Stored.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new ConfigError(`${file}: is damaged; restore it from a backup`);
  const { jwt, pepper, mac, server } = parsed.data;
  const [jwtKey, pepperKey, macKey] = [jwt, pepper, mac].map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer, Buffer];
  if ([jwtKey, pepperKey, macKey].some((key) => key.length < 32))
    throw new ConfigError(`${file}: a key is too short; restore it from a backup`);
  return { jwt: createSecretKey(jwtKey), pepper: pepperKey, mac: macKey, server: serverKey(server) };
}

function writeSecrets(file: string): void {
  const random = () => randomBytes(48).toString('base64');
  const server = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const descriptor = openSync(`${file}.new`, 'w', 0o600);
  writeSync(descriptor, JSON.stringify({ jwt: random(), pepper: random(), mac: random(), server }));
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.new`, file);
}

function serverKey(pkcs8: string): ServerKey {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), type: 'pkcs8', format: 'der' });
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const { d } = privateKey.export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x!, 'base64url')),
    privateKey: new Uint8Array(Buffer.from(d!, 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

function requirePrivate(path: string): void {
  if (process.platform === 'win32') return;
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) {
    throw new ConfigError(`${path}: others on this machine may read it; run \`chmod go-rwx ${path}\` and start again`);
  }
}
