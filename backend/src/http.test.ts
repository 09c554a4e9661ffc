import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir } from './testing/place.ts';
import { World, type Person } from './testing/world.ts';

/* What stands in the head of every answer, whatever kind of answer it is. */
let world: World;
let ann: Person;
beforeAll(async () => {
  const dir = await freshDir();
  const pages = join(dir, 'pages');
  mkdirSync(pages);
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Conclave</title>');
  writeFileSync(join(pages, 'main-AB12CD34.js'), 'export {};');
  world = await World.open({ PAGES_DIR: pages }, dir);
  ann = await world.first('ann');
});
afterAll(() => world.close());

const kinds: [kind: string, status: number, method: string, path: string, body?: unknown][] = [
  ['a page', 200, 'GET', '/rooms/x'],
  ['a file of the app', 200, 'GET', '/main-AB12CD34.js'],
  ['a file that is not there', 404, 'GET', '/nothing.js'],
  ['an answer of the API', 200, 'GET', '/api/me'],
  ['an answer without a body', 204, 'POST', '/api/auth/logout', {}],
  ['a picture', 200, 'GET', '/api/avatars/'],
  ['a refusal', 400, 'PATCH', '/api/me', { role: 'admin' }],
  ['a body that is too large', 413, 'PATCH', '/api/me', { about: 'x'.repeat(600_000) }],
  ['a redirect', 303, 'POST', '/sso', {}],
  ['what is shared to the app', 303, 'POST', '/share', {}],
  ['the health of the server', 200, 'GET', '/healthz'],
  ['the API’s own pages', 200, 'GET', '/api/docs'],
];
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAMAAADz0U65AAAAA1BMVEXMMzN0dFbYAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWNgoA4AAABIAAF7pRHIAAAAAElFTkSuQmCC';

async function headersOf([kind, status, method, path, body]: (typeof kinds)[number]): Promise<Headers> {
  let whole = path;
  if (path.endsWith('/avatars/')) {
    await world.call('PUT', '/api/me/avatar', Uint8Array.from(Buffer.from(png, 'base64')), ann.token);
    whole += (await world.call('GET', '/api/me', undefined, ann.token)).body.avatar as string;
  }
  const answer = await world.call(method, whole, body, ann.token, { origin: 'https://evil.example' });
  expect([kind, answer.status]).toEqual([kind, status]);
  return answer.headers;
}
const policyOf = (headers: Headers) =>
  new Map((headers.get('content-security-policy') ?? '').split(';').map((part) => part.trim().split(/ (.*)/s, 2) as [string, string]));

/** A refused handshake is written by hand, below everything that writes heads. */
async function refusedSocket(): Promise<Headers> {
  const wire = connect(Number(new URL(world.origin).port), '127.0.0.1');
  wire.write(
    'GET /socket HTTP/1.1\r\nHost: chat.test\r\nOrigin: https://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [head = ''] = (await text(wire)).split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1.1 403/);
  return new Headers(head.split('\r\n').slice(1).map((line) => line.split(': ', 2) as [string, string])); // prettier-ignore
}
const every = () => Promise.all([...kinds.map(async (kind) => [kind[0], await headersOf(kind)] as const), socketKind()]);
const socketKind = async () => ['a refused socket', await refusedSocket()] as const;

describe('every answer', () => {
  it('holds browsers to TLS for a year, with every subdomain', async () => {
    for (const [kind, headers] of await every()) {
      const [age, subdomains] = (headers.get('strict-transport-security') ?? '').split('; ');
      expect([kind, Number(age.replace('max-age=', '')) >= 31_536_000, subdomains]).toEqual([kind, true, 'includeSubDomains']);
    }
  });

  it('says what it is, in UTF-8, and is to be taken for nothing else', async () => {
    for (const [kind, headers] of await every()) {
      const type = headers.get('content-type');
      expect([kind, headers.get('x-content-type-options')]).toEqual([kind, 'nosniff']);
      if (type !== null && /^text\/|javascript|xml/.test(type)) expect([kind, type.toLowerCase()]).toEqual([kind, expect.stringContaining('charset=utf-8')]);
      if (type === null) expect(['an answer without a body', 'a redirect']).toContain(kind);
    }
  }); // prettier-ignore

  it('stands in no frame, loads nothing of others, and runs no plugin', async () => {
    for (const [kind, headers] of await every()) {
      const policy = policyOf(headers);
      expect([kind, policy.get('frame-ancestors')]).toEqual([kind, "'none'"]);
      expect([kind, policy.get('default-src'), policy.has('object-src')]).toEqual([kind, "'none'", false]);
      for (const sources of policy.values()) expect([kind, sources ?? '']).toEqual([kind, expect.not.stringMatching(/https?:|\*|unsafe-eval/)]);
      expect([kind, policy.get('script-src') ?? "'self'"]).toEqual([kind, "'self'"]);
    }
  }); // prettier-ignore

  it('lets no page of another origin read it, and tells none where one came from', async () => {
    for (const [kind, headers] of await every()) {
      for (const name of headers.keys()) expect([kind, name]).toEqual([kind, expect.not.stringMatching(/^access-control-/)]);
      expect([kind, headers.get('referrer-policy')]).toEqual([kind, 'no-referrer']);
    }
    const asked = await world.call('OPTIONS', '/api/me', undefined, undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization',
    });
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
