import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { NOWHERE } from '../gateway/route-table/route.ts';
import { describedOnly } from '../testing/prism.ts';
import { PASSWORD, World, type Answer, type Person } from '../testing/world.ts';
import { HostDoor } from './host-door.service.ts';

/* Accounts managed over REST (ACC14), on a real server and a real database. */
let world: World;
let endProxy: () => Promise<void>;
let ann: Person;
let database: Database;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  endProxy = await describedOnly(world);
  ann = await world.first('ann');
  database = world.server.app.get(Database);
});
afterAll(async () => {
  await endProxy();
  await world.close();
});

const admin = (method: string, path: string, body?: unknown, token = ann.token): Promise<Answer> =>
  world.call(method, `/api/admin/accounts${path}`, body, token);
const make = async (more: object = {}) => (await admin('POST', '', { username: `made${++number}`, password: PASSWORD, ...more })).body;
const login = (username: string) => world.call('POST', '/api/auth/login', { username, password: PASSWORD });
const acts = (subject: string) =>
  database
    .rows<{ act: string }>('select act from audit where subject = (select audit_id::text from account where id = $1) order by id', [
      subject,
    ])
    .then((rows) => rows.map(({ act }) => act));
const me = (token: string) => world.call('GET', '/api/me', undefined, token);

describe('an account', () => {
  it('is made with a password, or with a one-time link to set one', async () => {
    const made = await admin('POST', '', { username: 'carl', password: PASSWORD, role: 'moderator' });
    expect(made).toMatchObject({
      status: 201,
      body: { username: 'carl', displayName: 'carl', role: 'moderator', reset: null, failures: 0 },
    });
    expect((await login('carl')).status).toBe(200);
    const linked = await make({ password: undefined });
    expect((await login(linked.username)).status).toBe(401);
    const opened = await world.call('POST', '/api/auth/reset', { secret: linked.reset.secret, password: PASSWORD });
    expect(opened.status).toBe(200);
    expect((await login(linked.username)).status).toBe(200);
    expect((await admin('POST', '', { username: 'carl' })).body.code).toBe('name-taken');
    expect((await admin('POST', '', { username: 'dora', password: 'short' })).body.code).toBe('weak-password');
  });

  it('shows its sessions and devices, and they can be ended one by one or together', async () => {
    const bob = await world.person('bob');
    await login('bob');
    const detail = (await admin('GET', `/${bob.id}`)).body;
    expect(detail).toMatchObject({
      lastSeenAt: expect.any(Number),
      hasPassword: true,
      passkeys: 0,
      devices: [{ id: bob.keys.device, current: false }],
    });
    expect(detail.sessions.map(({ method }: { method: string }) => method).sort()).toEqual(['password', 'registration']);
    const client = await world.connect(bob);
    const own = detail.sessions.find(({ method }: { method: string }) => method === 'registration').id;
    expect((await admin('DELETE', `/${bob.id}/sessions/${own}`)).status).toBe(204);
    await client.closed;
    expect((await me(bob.token)).status).toBe(401);
    expect((await admin('DELETE', `/${bob.id}/sessions/${own}`)).status).toBe(404);
    expect((await admin('DELETE', `/${ann.id}/sessions/${(await admin('GET', `/${bob.id}/sessions`)).body[0].id}`)).status).toBe(404);
    expect((await admin('DELETE', `/${bob.id}/sessions`)).status).toBe(204);
    expect((await admin('GET', `/${bob.id}/sessions`)).body).toEqual([]);
    expect((await admin('DELETE', `/${bob.id}/devices/${bob.keys.device}`)).status).toBe(204);
    expect((await admin('GET', `/${bob.id}/devices`)).body).toEqual([]);
    expect((await admin('DELETE', `/${bob.id}/devices/${bob.keys.device}`)).status).toBe(404);
    expect(await acts(bob.id)).toEqual(['session-ended', 'session-ended', 'device-removed']);
  });

  it('that is locked is out at once, sockets too, and stays out until it is unlocked', async () => {
    const dora = await world.person('dora');
    const client = await world.connect(dora);
    expect((await admin('POST', `/${dora.id}/lock`, { reason: 'lost her phone' })).body).toMatchObject({ lockReason: 'lost her phone' });
    expect((await client.next('bye')).code).toBe('session-ended');
    expect((await me(dora.token)).status).toBe(401);
    expect((await login('dora')).body.code).toBe('account-locked');
    expect((await admin('POST', `/${dora.id}/unlock`)).body).toMatchObject({ lockedAt: null, lockReason: null });
    expect((await login('dora')).status).toBe(200);
    expect(await acts(dora.id)).toEqual(['account-locked', 'account-unlocked']);
  });

  it('shows wrong guesses, and unlocking forgives them', async () => {
    const { id, username } = await make();
    await database.run('delete from guess'); // of this address, by the tests above
    for (let i = 0; i < 5; i++) await world.call('POST', '/api/auth/login', { username, password: 'a wrong password, truly' });
    expect(await admin('GET', `/${id}`)).toMatchObject({ body: { failures: 5, waitsUntil: expect.any(Number) } });
    expect((await admin('POST', `/${id}/unlock`)).body).toMatchObject({ failures: 0, waitsUntil: null });
    await database.run('delete from guess');
  });

  it('whose role changes is signed out, and has the new one afterwards; a new name signs nobody out', async () => {
    const emil = await world.person('emil');
    const client = await world.connect(emil);
    expect((await admin('PATCH', `/${emil.id}`, { displayName: 'Emil E.' })).body).toMatchObject({ displayName: 'Emil E.' });
    expect((await admin('PATCH', `/${emil.id}`, { role: 'user' })).status).toBe(200);
    expect((await me(emil.token)).status).toBe(200);
    expect((await admin('PATCH', `/${emil.id}`, { role: 'admin' })).body.role).toBe('admin');
    await client.closed;
    expect((await me(emil.token)).status).toBe(401);
    const again = (await login('emil')).body.accessToken;
    expect((await admin('GET', '', undefined, again)).status).toBe(200);
    expect((await admin('PATCH', `/${emil.id}`, { role: 'user' })).status).toBe(200);
    expect(await acts(emil.id)).toEqual(['account-changed', 'role-changed', 'role-changed']);
  });

  it('of the last administrator cannot be locked, demoted or deleted, also when two try at once', async () => {
    for (const [method, path, body] of [
      ['POST', '/lock', {}],
      ['PATCH', '', { role: 'user' }],
      ['DELETE', '', undefined],
    ] as const)
      expect((await admin(method, `/${ann.id}${path}`, body)).body.code).toBe('conflict');
    expect((await world.call('POST', '/api/me/deletion', { username: 'ann', password: PASSWORD }, ann.token)).body.code).toBe('conflict');
    const second = await make({ role: 'admin' });
    const token = (await login(second.username)).body.accessToken;
    const answers = await Promise.all([
      admin('PATCH', `/${ann.id}`, { role: 'user' }, token),
      admin('PATCH', `/${second.id}`, { role: 'user' }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await database.rows(`select 1 from account where role = 'admin'`)).length).toBe(1);
    await database.run(`update account set role = 'admin' where id = $1`, [ann.id]);
    ann.token = (await login('ann')).body.accessToken;
    await admin('PATCH', `/${second.id}`, { role: 'user' });
  });

  it('is unknown where it is', async () => {
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { role: 'user' }],
      ['POST', '/lock', {}],
      ['POST', '/unlock', undefined],
      ['POST', '/reset', undefined],
      ['DELETE', '', undefined],
      ['GET', '/sessions', undefined],
      ['DELETE', '/sessions', undefined],
      ['GET', '/devices', undefined],
    ] as const)
      expect([method, path, (await admin(method, `/${NOWHERE}${path}`, body)).status]).toEqual([method, path, 404]);
  });
});

describe('the list', () => {
  it('pages through 10,000 accounts without missing or doubling one while others come, and finds by part of a name', async () => {
    await database.run(
      `insert into account (id, username, display_name, role, created_at)
       select gen_random_uuid(), 'bulk' || n, 'Bulk % ' || n, 'user', 1000 + n / 7 from generate_series(1, 10000) n`,
    );
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: Answer = await admin('GET', `?limit=200&q=bulk${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...page.body.accounts.map(({ username }: { username: string }) => username));
      if (seen.length === 1_000) await make();
      next = page.body.next;
      expect(page.body.total).toBe(10_000);
    }
    expect([seen.length, new Set(seen).size]).toEqual([10_000, 10_000]);
    expect((await admin('GET', '?q=BULK9999')).body.accounts).toHaveLength(1);
    expect((await admin('GET', '?q=%25%201234')).body.total).toBe(1); // "% 1234" as it stands
    expect((await admin('GET', '?q=_ulk')).body.total).toBe(0);
    for (const bad of [
      'limit=0',
      'limit=201',
      'limit=-1',
      'cursor=x',
      'cursor=1.x',
      'q=%00',
      'limit=1e9',
      'order=1',
      `cursor=9999999999999999.${NOWHERE}`,
    ])
      expect([bad, (await admin('GET', `?${bad}`)).status]).toEqual([bad, 400]);
  });
});

describe('an API token', () => {
  const tokens = (method: string, path = '', body?: unknown, token = ann.token) =>
    world.call(method, `/api/admin/tokens${path}`, body, token);

  it('does what its scopes say and nothing else, shows its last use, and ends when it is revoked', async () => {
    const { secret, id } = (await tokens('POST', '', { name: 'monitor', scopes: ['accounts:read'] })).body;
    expect(secret).toMatch(/^cnv_[\w-]{43}$/);
    expect((await admin('GET', '', undefined, secret)).status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/api/admin/accounts', { username: 'eve' }],
      ['GET', '/api/me', undefined],
      ['GET', '/api/rooms', undefined],
      ['POST', '/api/auth/ticket', undefined],
      ['GET', '/api/admin/tokens', undefined],
      ['POST', '/api/admin/tokens', { name: 'x', scopes: ['accounts:write'] }],
      ['GET', '/api/invites', undefined],
    ] as const)
      expect([path, (await world.call(method, path, body, secret)).body.code]).toEqual([path, 'forbidden']);
    const [line] = (await tokens('GET')).body;
    expect(line).toMatchObject({ id, name: 'monitor', createdBy: ann.id, lastUsedAt: expect.any(Number) });
    expect(JSON.stringify(await database.rows('select * from api_token'))).not.toContain(secret);
    expect((await tokens('DELETE', `/${id}`)).status).toBe(204);
    expect((await admin('GET', '', undefined, secret)).status).toBe(401);
    expect((await tokens('DELETE', `/${id}`)).status).toBe(404);
  });

  it('ends with time, and for good with its maker’s role', async () => {
    const maker = await make({ role: 'admin' });
    const token = (await login(maker.username)).body.accessToken;
    const { secret, id } = (await tokens('POST', '', { name: 'mine', scopes: ['accounts:read'] }, token)).body;
    expect((await admin('GET', '', undefined, secret)).status).toBe(200);
    await database.run('update api_token set expires_at = $2 where id = $1', [id, Date.now()]);
    expect((await admin('GET', '', undefined, secret)).status).toBe(401);
    await database.run('update api_token set expires_at = $2 where id = $1', [id, Date.now() + 60_000]);
    await admin('PATCH', `/${maker.id}`, { role: 'user' });
    expect((await admin('GET', '', undefined, secret)).status).toBe(401);
    await admin('PATCH', `/${maker.id}`, { role: 'admin' });
    expect((await admin('GET', '', undefined, secret)).status).toBe(401);
    await admin('PATCH', `/${maker.id}`, { role: 'user' });
  });

  it('manages everybody but administrators, and makes none; the host’s own does', async () => {
    const second = await world.person('second');
    await database.run(`update account set role = 'admin' where id = $1`, [second.id]);
    const session = (await admin('GET', `/${second.id}/sessions`)).body[0].id;
    const program = (await tokens('POST', '', { name: 'sync', scopes: ['accounts:read', 'accounts:write'] })).body.secret;
    const host = world.server.app.get(HostDoor).make(world.origin).token;
    const user = (await admin('POST', '', { username: 'only-a-user' }, program)).body.id;
    const before = await database.rows('select * from account order by id');
    const acts: [string, string, object?][] = [
      ['POST', '', { username: 'third', role: 'admin' }],
      ['PATCH', `/${user}`, { role: 'admin' }],
      ['PATCH', `/${second.id}`, { displayName: 'Another' }],
      ['POST', `/${second.id}/lock`, {}],
      ['POST', `/${second.id}/unlock`],
      ['POST', `/${second.id}/reset`],
      ['DELETE', `/${second.id}/sessions/${session}`],
      ['DELETE', `/${second.id}/sessions`],
      ['DELETE', `/${second.id}/devices/${second.keys.device}`],
      ['PATCH', `/${second.id}`, { role: 'user' }],
      ['PATCH', `/${second.id}`, { role: 'admin' }],
      ['DELETE', `/${second.id}`],
    ];
    for (const [method, path, body] of acts)
      expect([method, path, await admin(method, path, body, program)]).toMatchObject([
        method,
        path,
        { status: 403, body: { code: 'forbidden', text: expect.stringContaining('administrator') } },
      ]);
    expect(await database.rows('select * from account order by id')).toEqual(before);
    expect(await database.rows('select 1 from reset_link where account = $1', [second.id])).toEqual([]);
    expect((await me(second.token)).status).toBe(200);
    for (const [method, path, body] of acts)
      expect([method, path, (await admin(method, path, body, host)).status]).not.toEqual([method, path, 403]);
    for (const id of [user, (await admin('GET', '?q=third')).body.accounts[0].id]) await admin('DELETE', `/${id}`, undefined, host);
  });

  it.each([
    ['no scope', { name: 'x', scopes: [] }],
    ['an unknown one', { name: 'x', scopes: ['everything'] }],
    ['no name', { name: ' ', scopes: ['accounts:read'] }],
    ['no end', { name: 'x', scopes: ['accounts:read'], days: 100_000 }],
  ])('is not made with %s', async (_, body) => expect((await tokens('POST', '', body)).status).toBe(400));
});
