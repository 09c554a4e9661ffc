import * as z from 'zod';
import { ProfileLink } from '../../../../libs/protocol/src/index.ts';
import type { HandoffSettings } from '../../handoff-settings.ts';
import { refused } from './faults.ts';

/** What may differ between the clocks of the site and this server, s. */
export const LEEWAY_S = 30;
const LONGEST_S = 300;
/** Later than this is no time in seconds: somebody wrote milliseconds. */
const LAST_S = 100_000_000_000;

const unsafe = /[\p{Cc}\p{Cs}]/u;
const id = z.string().min(1).max(255).refine((text) => !unsafe.test(text)); // prettier-ignore
const blankIsAbsent = (value: unknown): unknown => (value === null || value === '' ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsAbsent, schema.optional());
const flag = optional(z.boolean());

const Described = z.object({
  op: flag,
  vip: flag,
  nick: optional(z.string().max(512)),
  img: optional(z.string().max(2048)),
  url: optional(ProfileLink),
  rules: optional(z.record(z.string().max(40), z.boolean()).refine((rules) => Object.keys(rules).length <= 50)),
  rooms: optional(z.array(z.string().max(200)).max(100)),
  jti: optional(id),
});

/** Who a site says has come, and what it says of them. Times in seconds since 1970. */
export type HandedOver = z.infer<typeof Described> & { issuer: string; subject: string; issuedAt: number; expiresAt: number };

/** Of a site that does not name itself. */
const UNNAMED = 'site';

/** Every rule of ACC10 on claims whose signature is right already. Throws `bad-token`. */
export function checkClaims(claims: Record<string, unknown>, settings: HandoffSettings, now = Date.now() / 1000): HandedOver {
  const times = checkTimes(claims, now);
  const issuer = checkIssuer(claims['iss'], settings.issuer);
  checkAudience(claims['aud'], settings.audience);
  const subject = checkSubject(claims['sub']);
  const described = Described.safeParse(claims);
  if (!described.success) throw refused('bad-claim');
  if (settings.jtiRequired && described.data.jti === undefined) throw refused('missing-id');
  return { ...described.data, ...times, issuer, subject };
}

function checkTimes({ exp, iat, nbf }: Record<string, unknown>, now: number): { issuedAt: number; expiresAt: number } {
  if (exp === undefined) throw refused('missing-expiry');
  if (iat === undefined) throw refused('missing-issued-at');
  if (!isTime(exp) || !isTime(iat) || !(nbf === undefined || isTime(nbf))) throw refused('bad-time');
  if (exp <= iat || (nbf !== undefined && nbf >= exp)) throw refused('bad-time');
  if (exp - iat > LONGEST_S) throw refused('too-long-lived');
  if (exp + LEEWAY_S <= now) throw refused('expired');
  if (iat - LEEWAY_S > now) throw refused('issued-in-future');
  if (nbf !== undefined && nbf - LEEWAY_S > now) throw refused('not-yet-valid');
  return { issuedAt: iat, expiresAt: exp };
}

const isTime = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < LAST_S;

function checkIssuer(iss: unknown, expected: string | undefined): string {
  if (expected !== undefined && iss !== expected) throw refused('wrong-issuer');
  if (iss === undefined) return UNNAMED;
  const issuer = id.safeParse(iss);
  if (!issuer.success) throw refused('wrong-issuer');
  return issuer.data;
}

function checkAudience(aud: unknown, expected: string | undefined): void {
  if (expected === undefined) return;
  const named = Array.isArray(aud) ? (aud as unknown[]) : [aud];
  if (!named.every((name) => typeof name === 'string') || !named.includes(expected)) throw refused('wrong-audience');
}

function checkSubject(sub: unknown): string {
  if (sub === undefined) throw refused('missing-subject');
  const subject = id.safeParse(sub);
  if (!subject.success) throw refused('bad-subject');
  return subject.data;
}
