import { SignJWT } from 'jose';
import { createSign, generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandoffAlgorithm } from '../handoff-settings.ts';

export const ISSUER = 'https://site.test';
export const KID = 'one';

type Claims = Record<string, unknown>;
const pairs = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** Of all sites of this process, and gone with it. */
let folder: string | null = null;
function ownFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'conclave-sites-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return mkdtempSync(join(folder, 'site-'));
}

/** A site that hands its users over: a key of its own, and the environment of a server that takes its tokens. */
export class Site {
  readonly secret = randomBytes(32).toString('hex');
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  #dir: string | null = null;

  constructor(readonly algorithm: HandoffAlgorithm = 'ES256') {
    const { privateKey, publicKey } = pairs[algorithm === 'HS256' ? 'ES256' : algorithm]();
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** With the key as a secret or a PEM file. */
  environment(more: Record<string, string> = {}): Record<string, string> {
    const key: Record<string, string> =
      this.algorithm === 'HS256' ? { HANDOFF_SECRET: this.secret } : { HANDOFF_PUBLIC_KEY: this.file('site.pem', this.pem) };
    return { HANDOFF_ALGORITHMS: this.algorithm, HANDOFF_ISSUER: ISSUER, ...key, ...more };
  }

  get pem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' });
  }
  get jwk(): Record<string, unknown> {
    return { ...this.publicKey.export({ format: 'jwk' }), kid: KID, use: 'sig', alg: this.algorithm };
  }

  file(name: string, content: string): string {
    this.#dir ??= ownFolder();
    const path = join(this.#dir, name);
    writeFileSync(path, content);
    return path;
  }

  get signingKey(): KeyObject | Uint8Array {
    return this.algorithm === 'HS256' ? Buffer.from(this.secret) : this.privateKey;
  }

  token(claims: Claims = {}, header: Claims = {}): Promise<string> {
    return new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: this.algorithm, ...header }).sign(this.signingKey);
  }

  /** ES256 over whatever header and claims say, in any text. */
  raw(header: string, claims: string): string {
    const input = `${base64url(header)}.${base64url(claims)}`;
    const signature = createSign('sha256').update(input).sign({ key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}

export const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** What a good token says; undefined takes a claim away. */
export function claimsOf(claims: Claims = {}): Claims {
  const iat = seconds();
  const all: Claims = { iss: ISSUER, sub: 'dora', iat, exp: iat + 120, jti: randomUUID(), ...claims };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
