import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type CompactVerifyGetKey } from 'jose';
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config.ts';
import type { HandoffAlgorithm, HandoffSettings } from '../../handoff-settings.ts';
import { refused } from './faults.ts';
import { LastGood } from './last-good.ts';

const FETCH_MS = 5_000;
const FRESH_MS = 10 * 60_000;
const COOLDOWN_MS = 30_000;
const RSA_BITS = 2048;

/** Where the key of a token is looked up: never anywhere that the token says. Throws ConfigError for files that are none. */
export function siteKeys({ keys, algorithms }: HandoffSettings): CompactVerifyGetKey {
  if ('secret' in keys) {
    const secret = createSecretKey(Buffer.from(keys.secret, 'utf8'));
    return () => Promise.resolve(secret);
  }
  if ('publicKeyFile' in keys) {
    const key = publicKey(keys.publicKeyFile, algorithms);
    return () => Promise.resolve(key);
  }
  return named('jwksUrl' in keys ? remote(keys.jwksUrl) : local(keys.jwksFile));
}

function publicKey(file: string, algorithms: readonly HandoffAlgorithm[]): KeyObject {
  const refuse = (text: string) => new ConfigError(`HANDOFF_PUBLIC_KEY: ${file} ${text}`);
  const pem = contents('HANDOFF_PUBLIC_KEY', file);
  if (pem.includes('PRIVATE KEY')) throw refuse('holds a private key, which stays at the site: give the public one');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw refuse('is not a PEM file with a public key');
  }
  if (!algorithms.every((algorithm) => fits(key, algorithm))) throw refuse(`does not fit ${algorithms.join(', ')}`);
  return key;
}

function fits({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, algorithm: HandoffAlgorithm): boolean {
  if (algorithm === 'ES256') return type === 'ec' && details?.namedCurve === 'prime256v1';
  if (algorithm === 'EdDSA') return type === 'ed25519';
  return type === 'rsa' && (details?.modulusLength ?? 0) >= RSA_BITS;
}

function local(file: string): CompactVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(contents('HANDOFF_JWKS', file)) as Parameters<typeof createLocalJWKSet>[0]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`HANDOFF_JWKS: ${file} is not a JWK set`);
  }
}

function remote(url: string): CompactVerifyGetKey {
  const lastGood = new LastGood();
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_MS,
    cacheMaxAge: FRESH_MS,
    cooldownDuration: COOLDOWN_MS,
    [customFetch]: lastGood.fetch,
  });
}

/** The library's errors by our names. */
function named(keys: CompactVerifyGetKey): CompactVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw refused('unknown-key');
      throw refused('keys-unavailable');
    }
  };
}

function contents(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(`${variable}: ${file} cannot be read`);
  }
}
