import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { isPublic, publicOnly } from '../auth/handoff/fetch-public.ts';

/*
 * Posting to an address that a client has named, from a machine that may reach what they may not (SSRF). Only https, only public addresses, looked
 * at where it is connected to, since a name may change between two look-ups; no redirect is followed, and of the answer nothing is read but its
 * status. `loopback`: this machine is allowed, too, for tests and development.
 */
const ANSWER_MS = 10_000;
const loopbackOnly = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Throws `bad-request`. */
export function checkEndpoint(endpoint: string, loopback: boolean): void {
  const url = URL.parse(endpoint);
  const refuse = (what: string) => new ConclaveError('bad-request', `endpoint: ${what}`);
  if (!url || url.username !== '' || url.password !== '') throw refuse('is no address of a push service');
  if (loopback && loopbackOnly.test(url.hostname)) return;
  if (url.protocol !== 'https:') throw refuse('must begin with https://');
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  if (isIP(host) ? !isPublic(host) : !host.includes('.') || host.endsWith('.localhost')) throw refuse('leads into a private network');
}

/** Status and `Retry-After` (seconds) of the answer. Throws whatever goes wrong on the way. */
export async function post(
  endpoint: string,
  headers: Record<string, string | number>,
  body: Buffer,
  loopback: boolean,
): Promise<{ status: number; retryAfterS: number | null }> {
  checkEndpoint(endpoint, loopback);
  const url = new URL(endpoint);
  const own = loopback && loopbackOnly.test(url.hostname);
  const guarded: { lookup?: LookupFunction } = own ? {} : { lookup: publicOnly(lookup) };
  const send = url.protocol === 'https:' ? requestSecure : requestPlain;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(url, { ...guarded, method: 'POST', headers, signal, agent: false }, resolve)
      .once('error', reject)
      .end(body);
  });
  answer.once('error', () => undefined).destroy();
  const after = Number(answer.headers['retry-after']);
  return { status: answer.statusCode ?? 0, retryAfterS: Number.isFinite(after) && after > 0 ? after : null };
}
