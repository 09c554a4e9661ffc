import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { RestClient } from './rest-client.ts';

const origin = 'https://chat.example';
const user = {
  id: '00000000-0000-4000-8000-00000000000a',
  username: 'ann',
  displayName: 'Ann',
  accountKey: null,
  avatar: null,
  role: 'user' as const,
};
const signedIn = (accessToken: string, lifeMs = 300_000) => ({ accessToken, expiresAt: Date.now() + lifeMs, user, session: 's' });
const answer = (body: unknown, status = 200) => Response.json(body, { status });
const Thing = z.object({ name: z.string() });

/** A server of a few lines: each request is looked at, and remembered. */
function client(serve: (path: string, token: string | null, init: RequestInit) => Response | Promise<Response>) {
  const asked: string[] = [];
  const fetcher = async (input: unknown, init: RequestInit = {}) => {
    const path = (input as string).slice(origin.length);
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '') ?? null;
    asked.push(`${init.method} ${path} ${token ?? '-'}`);
    return serve(path, token, init);
  };
  const rest = new RestClient(origin, fetcher);
  let ended = 0;
  rest.onSessionEnded = () => ended++;
  return { rest, asked, ended: () => ended };
}
const refresh = '/api/auth/refresh';

describe('the REST client', () => {
  it('uses its token, and renews it once before it runs out', async () => {
    const { rest, asked } = client((path) => answer(path === refresh ? signedIn('fresh') : { name: 'x' }));
    rest.signedIn(signedIn('old', 5_000));
    expect(await rest.as('GET', '/api/thing', Thing)).toEqual({ name: 'x' });
    await rest.ask('GET', '/api/thing');
    expect(asked).toEqual([`POST ${refresh} -`, 'GET /api/thing fresh', 'GET /api/thing fresh']);
  });

  it('shares one renewal among requests that need it at once', async () => {
    const { rest, asked } = client((path, token) => {
      if (path === refresh) return answer(signedIn('fresh'));
      return token === 'fresh' ? answer({ name: 'x' }) : answer({ code: 'unauthenticated', text: '' }, 401);
    });
    rest.signedIn(signedIn('revoked'));
    await Promise.all([rest.ask('GET', '/api/1'), rest.ask('GET', '/api/2'), rest.ask('GET', '/api/3')]);
    expect(asked.filter((line) => line.includes(refresh))).toHaveLength(1);
  });

  it('does not renew for ever: what is refused with a fresh token stays refused', async () => {
    const { rest, asked } = client((path) =>
      path === refresh ? answer(signedIn('fresh')) : answer({ code: 'unauthenticated', text: '' }, 401),
    );
    rest.signedIn(signedIn('old'));
    await expect(rest.ask('GET', '/api/thing')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(asked).toHaveLength(3);
  });

  it('says when the session is over, and not when the server is merely away', async () => {
    const over = client(() => answer({ code: 'session-ended', text: '' }, 401));
    await expect(over.rest.ask('GET', '/api/thing')).rejects.toMatchObject({ code: 'session-ended' });
    expect(over.ended()).toBe(1);
    const away = client(() => Promise.reject(new TypeError('network')));
    await expect(away.rest.ask('GET', '/api/thing')).rejects.toMatchObject({ code: 'unavailable' });
    expect(away.ended()).toBe(0);
  });

  it('hands on the server’s words: code, text, and how long to wait', async () => {
    const { rest } = client(() => answer({ code: 'slow-down', text: 'In a moment.', retryAfterMs: 700 }, 429));
    await expect(rest.call('GET', '/api/config', Thing)).rejects.toMatchObject({
      name: 'ConclaveError',
      code: 'slow-down',
      message: 'In a moment.',
      retryAfterMs: 700,
    });
  });

  it.each([
    [502, 'unavailable'],
    [404, 'not-found'],
    [418, 'bad-request'],
  ])('makes sense of a proxy that answers %d with a page', async (status, code) => {
    const { rest } = client(() => new Response('<html>', { status }));
    await expect(rest.call('GET', '/api/config', Thing)).rejects.toMatchObject({ code });
  });

  it('does not take for an answer what is none: no JSON, or other fields', async () => {
    for (const body of ['<html>', '', '{"name":1}']) {
      const { rest } = client(() => new Response(body));
      await expect(rest.call('GET', '/api/config', Thing), body).rejects.toMatchObject({ code: 'internal' });
    }
  });

  it('an answer that breaks off is a server that cannot be reached: bytes and JSON alike', async () => {
    const broken = () => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) });
      return new Response(body);
    };
    const { rest } = client(broken);
    rest.signedIn(signedIn('token'));
    await expect(rest.bytes('/api/log/1')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(rest.as('GET', '/api/thing', Thing)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('bounds every request in time, and sends bytes as bytes', async () => {
    const seen: RequestInit[] = [];
    const { rest } = client((_path, _token, init) => {
      seen.push(init);
      return new Response(null, { status: 204 });
    });
    rest.signedIn(signedIn('token'));
    await rest.ask('POST', '/api/thing', { bytes: new Uint8Array([1]) });
    expect(seen[0]!.signal).toBeInstanceOf(AbortSignal);
    expect(new Headers(seen[0]!.headers).get('content-type')).toBe('application/octet-stream');
  });
});
