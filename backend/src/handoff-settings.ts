import { resolve } from 'node:path';
import * as z from 'zod';
import { isExample, list, origin, setting } from './config-fields.ts';

/* How an embedding site hands its users over (ACC10). `.env.example` explains each. */
export const handoffAlgorithms = ['HS256', 'RS256', 'RS512', 'ES256', 'EdDSA'] as const;
export type HandoffAlgorithm = (typeof handoffAlgorithms)[number];

const SECRET_BYTES = 32;
const isWebAddress = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const claim = z.string().max(255);

export const handoffFields = {
  HANDOFF_ISSUER: setting(claim.optional()),
  HANDOFF_AUDIENCE: setting(claim.optional()),
  HANDOFF_ALGORITHMS: list.pipe(z.array(z.enum(handoffAlgorithms, `must be out of ${handoffAlgorithms.join(', ')}`))),
  HANDOFF_SECRET: setting(z.string().optional()),
  HANDOFF_PUBLIC_KEY: setting(z.string().optional()),
  HANDOFF_JWKS: setting(z.string().optional()),
  HANDOFF_SITE: setting(origin.optional()),
  HANDOFF_SIGN_IN_URL: setting(z.string().max(2048).refine(isWebAddress, 'must begin with https:// or http://').optional()),
  HANDOFF_MODE: setting(z.enum(['mixed', 'strict']).default('mixed')),
  HANDOFF_JTI: setting(z.enum(['required', 'optional']).default('required')),
};
type Fields = z.infer<z.ZodObject<typeof handoffFields>>;

export type HandoffSettings = {
  /** The only `iss` that is taken; undefined: any, and none. */
  issuer: string | undefined;
  audience: string | undefined;
  /** Of one family: what a token says of its algorithm never chooses the kind of key. */
  algorithms: HandoffAlgorithm[];
  keys: { secret: string } | { publicKeyFile: string } | { jwksFile: string } | { jwksUrl: string };
  /** Origin that pictures of people may be fetched from. */
  site: string | undefined;
  signInUrl: string | undefined;
  /** Signed tokens are the only way in, but for administrators. */
  strict: boolean;
  jtiRequired: boolean;
};

/** The key decides that hand-off is on; the other variables alone are a mistake. */
export function checkHandoff(env: Fields, refuse: (path: string, message: string) => void): void {
  const given = [env.HANDOFF_SECRET, env.HANDOFF_PUBLIC_KEY, env.HANDOFF_JWKS].filter((value) => value !== undefined).length;
  if (given > 1) refuse('HANDOFF_SECRET', 'give exactly one of HANDOFF_SECRET, HANDOFF_PUBLIC_KEY and HANDOFF_JWKS');
  if (given === 0) return requireAbsent(env, refuse);
  const families = new Set(env.HANDOFF_ALGORITHMS.map(family));
  if (families.size !== 1) refuse('HANDOFF_ALGORITHMS', 'is needed, and names one family: HS256, or RS256 and RS512, or ES256, or EdDSA');
  if (families.has('HS') !== (env.HANDOFF_SECRET !== undefined))
    refuse('HANDOFF_ALGORITHMS', 'HS256 goes with HANDOFF_SECRET, the others with HANDOFF_PUBLIC_KEY or HANDOFF_JWKS');
  checkSecret(env.HANDOFF_SECRET, refuse);
}

function requireAbsent(env: Fields, refuse: (path: string, message: string) => void): void {
  const { HANDOFF_ISSUER, HANDOFF_AUDIENCE, HANDOFF_SITE, HANDOFF_SIGN_IN_URL, HANDOFF_ALGORITHMS: algorithms } = env;
  const named = Object.entries({ HANDOFF_ISSUER, HANDOFF_AUDIENCE, HANDOFF_SITE, HANDOFF_SIGN_IN_URL });
  const [path] = named.find(([, value]) => value !== undefined) ?? [];
  const strict = env.HANDOFF_MODE === 'strict' ? 'HANDOFF_MODE' : undefined;
  const first = path ?? strict ?? (algorithms.length > 0 ? 'HANDOFF_ALGORITHMS' : undefined);
  if (first) refuse(first, 'needs one of HANDOFF_SECRET, HANDOFF_PUBLIC_KEY and HANDOFF_JWKS beside it');
}

function checkSecret(secret: string | undefined, refuse: (path: string, message: string) => void): void {
  if (secret === undefined) return;
  const monotone = new Set(secret).size < 8;
  if (Buffer.byteLength(secret) < SECRET_BYTES || monotone) refuse('HANDOFF_SECRET', `needs at least ${SECRET_BYTES} random bytes`);
  else if (isExample(secret)) refuse('HANDOFF_SECRET', 'is an example: make your own with `openssl rand -hex 32`');
}

export function readHandoff(env: Fields): HandoffSettings | null {
  const keys = keysOf(env);
  if (!keys) return null;
  return {
    issuer: env.HANDOFF_ISSUER,
    audience: env.HANDOFF_AUDIENCE,
    algorithms: [...new Set(env.HANDOFF_ALGORITHMS)],
    keys,
    site: env.HANDOFF_SITE,
    signInUrl: env.HANDOFF_SIGN_IN_URL,
    strict: env.HANDOFF_MODE === 'strict',
    jtiRequired: env.HANDOFF_JTI === 'required',
  };
}

function keysOf({ HANDOFF_SECRET: secret, HANDOFF_PUBLIC_KEY: pem, HANDOFF_JWKS: set }: Fields): HandoffSettings['keys'] | null {
  if (secret !== undefined) return { secret };
  if (pem !== undefined) return { publicKeyFile: resolve(pem) };
  if (set === undefined) return null;
  return isWebAddress(set) ? { jwksUrl: set } : { jwksFile: resolve(set) };
}

const family = (algorithm: HandoffAlgorithm): string => algorithm.slice(0, 2);
