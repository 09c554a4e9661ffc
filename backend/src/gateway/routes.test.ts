import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiScopes, type ApiScope } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { validatingProxy } from '../testing/prism.ts';
import { World, type Answer, type Person } from '../testing/world.ts';
import { accountsRoutes } from './route-table/accounts.ts';
import { authRoutes } from './route-table/auth.ts';
import { backupsRoutes } from './route-table/backups.ts';
import { filesRoutes } from './route-table/files.ts';
import { handoffRoutes } from './route-table/handoff.ts';
import { houseRoutes } from './route-table/house.ts';
import { meRoutes } from './route-table/me.ts';
import { moderationRoutes } from './route-table/moderation.ts';
import { pushRoutes } from './route-table/push.ts';
import { roomsRoutes } from './route-table/rooms.ts';
import { NOWHERE, type Route } from './route-table/route.ts';
import { sessionsRoutes } from './route-table/sessions.ts';

/*
 * Every REST route there is, for everybody there is (security.md: every route × every role, hidden = missing, mass assignment); and through a
 * proxy that lets no answer pass which the OpenAPI document does not describe.
 */
const MAILBOX = 'A'.repeat(22);
let world: World;
let proxied: World;
let closeProxy: () => Promise<void>;
let database: Database;
let ann: Person;
let bob: Person;
let room: string;
const others = { guest: '', moderator: '', locked: '' };
const tokens = {} as Record<ApiScope, string>;

beforeAll(async () => {
  world = await World.open({ TURN_URLS: 'turn:turn.test', TURN_SECRET: 'thirty-two random characters here' });
  database = world.server.app.get(Database);
  const document = (await world.call('GET', '/api/docs/openapi.json')).body;
  const proxy = await validatingProxy(world, document);
  closeProxy = proxy.close;
  proxied = World.at(proxy.origin, null, world.dir);
  ann = await world.first('ann');
  bob = await world.person('bob');
  room = (await world.call('POST', '/api/rooms', { name: 'Ann’s own' }, ann.token)).body.id;
  for (const kind of ['guest', 'moderator', 'locked'] as const) others[kind] = (await world.person(`a-${kind}`)).token; // 'moderator' is nobody's to take
  await database.run(`update account set origin = 'guest', password_hash = null where username = 'a-guest'`);
  await database.run(`update account set role = 'moderator' where username = 'a-moderator'`);
  await database.run(`update account set locked_at = 1 where username = 'a-locked'`);
  for (const scope of apiScopes)
    tokens[scope] = (await world.call('POST', '/api/admin/tokens', { name: scope, scopes: [scope] }, ann.token)).body.secret;
});
afterAll(async () => {
  await closeProxy();
  await world.close();
});

const routes: Route[] = [
  ...houseRoutes,
  ...authRoutes,
  ...accountsRoutes,
  ...moderationRoutes,
  ...backupsRoutes,
  ...filesRoutes,
  ...pushRoutes,
  ...roomsRoutes,
  ...sessionsRoutes,
  ...handoffRoutes,
  ...meRoutes,
];

/** An account and an invitation that nobody misses afterwards. */
async function spare(path: string): Promise<Record<string, string>> {
  await database.run('delete from guess'); // these are no guesses: whoever asks next must not wait
  const user = randomUUID();
  const name = user.slice(0, 18);
  if (path.includes('{user}'))
    await database.run(`insert into account (id, username, display_name, role, created_at) values ($1, $2, $2, 'user', 0)`, [user, name]);
  const id = path.includes('invites/{id}') ? ((await world.call('POST', '/api/invites', {}, ann.token)).body.id as string) : NOWHERE;
  return { user, id };
}
const fixed = {
  slug: 'a-slug',
  issuer: 'site',
  subject: 'nobody',
  mailbox: MAILBOX,
  file: MAILBOX,
  snapshot: MAILBOX,
  n: '0',
  side: 'request',
  pos: '1',
  session: NOWHERE,
  passkey: 'AAAA',
  hash: MAILBOX + 'A'.repeat(21),
};
const filled = (path: string, values: Record<string, string>) =>
  Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
async function ask(route: Route, token: string | undefined, more: Record<string, string> = {}): Promise<Answer> {
  const path = filled(route.path, { room, device: ann.keys.device, ...fixed, ...(await spare(route.path)), ...more });
  const through = route.nobody === 303 ? world : proxied; // the proxy goes where a redirect leads
  const answer = await through.call(route.method, path, route.body, token);
  const undescribed = answer.headers.get('sl-violations') ?? (answer.status === 500 ? JSON.stringify(answer.body) : null);
  if (undescribed !== null) throw new Error(`${route.method} ${path}: ${undescribed}`);
  return answer;
}

describe('every route', () => {
  it('stands in the table', async () => {
    const { paths } = (await world.call('GET', '/api/docs/openapi.json')).body as { paths: Record<string, object> };
    const there = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const listed = new Set(routes.map(({ method, path }) => `${method} ${path.split('?', 1)[0]}`));
    expect([...listed].sort()).toEqual(there.sort());
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
    const { nobody, user, admin, guest = user, moderator = user, locked = nobody, scope, token = admin } = route;
    const isOpen = nobody !== 401 || user === 401;
    const expected: Record<string, number> = { nobody, 'with half a token': nobody, locked, guest, user, moderator, admin };
    const callers: Record<string, string | undefined> = { nobody: undefined, 'with half a token': `${bob.token}x`, locked: others.locked };
    Object.assign(callers, { guest: others.guest, user: bob.token, moderator: others.moderator, admin: ann.token });
    for (const [name, secret] of Object.entries(tokens)) {
      expected[`token ${name}`] = name === scope ? token : isOpen ? nobody : 403;
      callers[`token ${name}`] = secret;
    }
    const statuses: Record<string, number> = {};
    for (const [who, secret] of inOrder(callers)) statuses[who] = (await ask(route, secret)).status;
    expect(statuses).toEqual(expected);
  });
});

/** The user before the guest and the moderator, as the table counts on; the administrator, who may take something from herself, late. */
const inOrder = (callers: Record<string, string | undefined>) => {
  const order = ['nobody', 'with half a token', 'locked', 'user', 'guest', 'moderator', 'admin'];
  const rank = (who: string) => (order.includes(who) ? order.indexOf(who) : order.length);
  return Object.entries(callers).sort(([a], [b]) => rank(a) - rank(b));
};

describe('the proxy', () => {
  it('lets no answer pass that the document does not describe', async () => {
    const document = (await world.call('GET', '/api/docs/openapi.json')).body as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    delete document.paths['/api/rooms']['get'].responses['401'];
    const config = document.paths['/api/config']['get'].responses['200'] as {
      content: Record<string, { schema: { properties: object } }>;
    };
    config.content['application/json'].schema.properties = { name: { type: 'integer' } };
    const { origin, close } = await validatingProxy(world, document);
    const strict = World.at(origin, null, world.dir);
    const violations = async (through: World, path: string) => (await through.call('GET', path)).headers.get('sl-violations');
    try {
      expect(await violations(strict, '/api/rooms')).toContain('status code');
      expect(await violations(strict, '/api/config')).toContain('integer');
      for (const path of ['/api/rooms', '/api/config']) expect(await violations(proxied, path)).toBeNull();
    } finally {
      await close();
    }
  });
});
