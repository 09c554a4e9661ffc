import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeParts } from '../../../libs/protocol/src/index.ts';
import { PASSWORD, World, type Answer, type Person } from '../testing/world.ts';

/* Every REST route there is, for everybody there is (security.md: every route × every role, hidden = missing, mass assignment). */
const NOWHERE = '00000000-0000-4000-8000-000000000000';
const MAILBOX = 'A'.repeat(22);
let world: World;
let ann: Person;
let bob: Person;
let room: string;
let invite: string;

beforeAll(async () => {
  world = await World.open({ TURN_URLS: 'turn:turn.test', TURN_SECRET: 'thirty-two random characters here' });
  ann = await world.first('ann');
  bob = await world.person('bob');
  room = (await world.call('POST', '/api/rooms', { name: 'Ann’s own' }, ann.token)).body.id;
  invite = (await world.call('POST', '/api/invites', {}, ann.token)).body.id;
});
afterAll(() => world.close());

type Route = { method: string; path: string; body?: unknown; nobody: number; user: number; admin: number };
const bytes = encodeParts([new Uint8Array(3)]);
const bundle = encodeParts([new Uint8Array(3), new Uint8Array(), new Uint8Array(3)]);

/** `user` is bob: no admin, not in ann's room, not the owner of her device. */
const routes: Route[] = [
  { method: 'GET', path: '/healthz', nobody: 200, user: 200, admin: 200 },
  { method: 'GET', path: '/readyz', nobody: 200, user: 200, admin: 200 },
  { method: 'GET', path: '/api/config', nobody: 200, user: 200, admin: 200 },
  {
    method: 'POST',
    path: '/api/setup',
    body: { token: 'x', username: 'eve', displayName: 'Eve', password: PASSWORD },
    nobody: 403,
    user: 403,
    admin: 403,
  },
  {
    method: 'POST',
    path: '/api/auth/register',
    body: { username: 'eve', displayName: 'Eve', password: PASSWORD },
    nobody: 403,
    user: 403,
    admin: 403,
  },
  { method: 'POST', path: '/api/auth/login', body: { username: 'eve', password: 'x' }, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/refresh', body: {}, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/logout', body: {}, nobody: 204, user: 204, admin: 204 },
  { method: 'POST', path: '/api/auth/ticket', nobody: 401, user: 200, admin: 200 },
  { method: 'GET', path: '/api/invites', nobody: 401, user: 403, admin: 200 },
  { method: 'POST', path: '/api/invites', body: {}, nobody: 401, user: 403, admin: 201 },
  { method: 'DELETE', path: '/api/invites/{id}', nobody: 401, user: 403, admin: 204 },
  { method: 'GET', path: '/api/rooms', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/rooms', body: { name: 'Taken once' }, nobody: 401, user: 201, admin: 409 },
  { method: 'POST', path: '/api/rooms/{room}/group', body: bytes, nobody: 401, user: 404, admin: 422 },
  { method: 'POST', path: '/api/rooms/{room}/commits?generation=0&epoch=0', body: bundle, nobody: 401, user: 404, admin: 409 },
  {
    method: 'POST',
    path: '/api/rooms/{room}/restored?generation=0&epoch=0&count=1',
    body: new Uint8Array(8),
    nobody: 401,
    user: 404,
    admin: 409,
  },
  { method: 'POST', path: '/api/rooms/{room}/admission', body: {}, nobody: 401, user: 404, admin: 409 },
  { method: 'GET', path: '/api/rooms/{room}/log/{pos}', nobody: 401, user: 404, admin: 404 },
  { method: 'POST', path: '/api/rooms/{room}/key-packages', body: { devices: [NOWHERE] }, nobody: 401, user: 404, admin: 404 },
  { method: 'GET', path: '/api/me/devices', nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/me/devices/{device}', body: {}, nobody: 401, user: 400, admin: 400 },
  { method: 'POST', path: '/api/me/devices/{device}/key-packages', body: { packages: [] }, nobody: 401, user: 404, admin: 200 },
  { method: 'GET', path: '/api/me/devices/{device}/key-packages', nobody: 401, user: 404, admin: 200 },
  { method: 'PUT', path: '/api/me/links/{mailbox}/{side}', body: { sealed: 'AAAA' }, nobody: 401, user: 204, admin: 204 },
  { method: 'GET', path: '/api/me/links/{mailbox}/{side}', nobody: 401, user: 200, admin: 200 },
  { method: 'GET', path: '/api/ice', nobody: 401, user: 200, admin: 200 },
  { method: 'GET', path: '/api/admin/statistics', nobody: 401, user: 403, admin: 200 },
  { method: 'POST', path: '/api/rooms/{room}/join', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/rooms/{room}/leave', nobody: 401, user: 204, admin: 204 },
  { method: 'DELETE', path: '/api/me/devices/{device}', nobody: 401, user: 404, admin: 204 },
];

const filled = (path: string, more: Record<string, string> = {}) =>
  Object.entries({ room, device: ann.keys.device, id: invite, mailbox: MAILBOX, side: 'request', pos: '1', ...more }).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value),
    path,
  );
const ask = (route: Route, token: string | undefined, more: Record<string, string> = {}): Promise<Answer> =>
  world.call(route.method, filled(route.path, more), route.body, token);

describe('every route', () => {
  it('stands in the table', async () => {
    const { paths } = (await world.call('GET', '/api/docs/openapi.json')).body as { paths: Record<string, object> };
    const there = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.map(({ method, path }) => `${method} ${path.split('?', 1)[0]}`).sort()).toEqual(there.sort());
  });

  it('hides another’s room and device exactly like what is not there', async () => {
    const hidden = routes.filter(({ path, user }) => /\{room\}|\{device\}/.test(path) && user === 404);
    expect(hidden.length).toBeGreaterThan(6);
    for (const route of hidden) {
      const [other, missing] = [await ask(route, bob.token), await ask(route, bob.token, { room: NOWHERE, device: NOWHERE })];
      expect([route.path, other.status, other.body]).toEqual([route.path, 404, missing.body]);
      const names = (answer: Answer) => [...answer.headers.keys()].filter((name) => name !== 'date');
      expect(names(other)).toEqual(names(missing));
    }
  });

  it.each(routes.map((route) => [route.method, route.path, route] as const))('%s %s', async (_, __, route) => {
    const statuses = [(await ask(route, undefined)).status, (await ask(route, `${bob.token}x`)).status];
    expect(statuses).toEqual([route.nobody, route.nobody]);
    expect((await ask(route, bob.token)).status).toBe(route.user);
    const admin = await ask(route, ann.token);
    expect([admin.status, admin.status >= 400 ? admin.body.code : '']).toEqual([route.admin, expect.any(String)]);
  });
});
