import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { cookieOf, makeAccount, makeDevice, World, type Answer } from '../testing/world.ts';
import { GuestFarewell } from './guests.service.ts';

let world: World;
beforeEach(async () => {
  world = await World.open({ GUESTS: 'on', TRUSTED_PROXIES: 'loopback' });
  await world.first('ann');
});
afterEach(() => world.close());

const come = (name: string, from = '192.0.2.1'): Promise<Answer> =>
  world.call('POST', '/api/auth/guest', { name }, undefined, { 'x-forwarded-for': from });
const rows = <T>(sql: string, params: unknown[] = []): Promise<T[]> => world.server.app.get(Database).rows<T>(sql, params);
const farewell = () => world.server.app.get(GuestFarewell);
const guests = async () =>
  (await rows<{ name: string }>(`select display_name as name from account where origin = 'guest' order by 1`)).map(({ name }) => name);

describe('guests (ACC11)', () => {
  it('come in with a name, and into open rooms', async () => {
    const { status, body, headers } = await come('Gus');
    expect([status, body.user]).toEqual([
      201,
      expect.objectContaining({ displayName: 'Gus', role: 'user', username: expect.stringMatching(/^guest-[a-z0-9]{4}$/) }),
    ]);
    expect(headers.getSetCookie().join()).toContain('conclave_refresh=');
    const { rooms } = (await world.call('GET', '/api/rooms', undefined, body.accessToken)).body;
    expect((await world.call('POST', `/api/rooms/${rooms[0].id}/join`, undefined, body.accessToken)).status).toBe(200);
    const profile = await world.call('GET', `/api/people/${body.user.id}`, undefined, world.admin.token);
    expect(profile.body).toMatchObject({ guest: true, displayName: 'Gus' });
  });

  it('make no rooms, and so leave no names behind', async () => {
    const { body } = await come('Gus');
    const refused = await world.call('POST', '/api/rooms', { name: 'Gus was here' }, body.accessToken);
    expect([refused.status, refused.body.code, refused.body.text]).toEqual([
      403,
      'forbidden',
      expect.stringContaining('guests make no rooms'),
    ]);
    expect(await rows(`select name from room`)).toEqual([{ name: 'Lobby' }]);
    expect((await world.call('POST', '/api/rooms', { name: 'Gus was here' }, world.admin.token)).status).toBe(201);
  });

  it('take nobody’s name, however it is written, nor one that speaks for the house', async () => {
    await world.person('paul');
    await come('Gus');
    for (const name of ['ann', 'ANN', 'аnn', 'ａｎｎ', 'Ann ', 'a\u200dnn', 'pau1', 'PAUL', 'gus', 'Gυs', 'admin', 'Αdmin', 'System'])
      expect([name, (await come(name)).body.code]).toEqual([name, 'name-taken']);
    for (const name of ['', ' ', '\u202eAnn', 'a\0', 'x'.repeat(41)]) expect((await come(name)).status).toBe(400);
    expect((await come('Annika')).status).toBe(201);
    expect(await guests()).toEqual(['Annika', 'Gus']);
  });

  it('are gone with their session, and everything of them, but not those who stay', async () => {
    const { body, headers } = await come('Gus');
    await come('Gert');
    const keys = await makeDevice(body.user.id, await makeAccount());
    const gus = { id: body.user.id, token: body.accessToken, cookie: cookieOf({ headers } as Answer), keys, username: body.user.username };
    expect((await world.enrol(gus, keys)).status).toBe(204);
    const { rooms } = (await world.call('GET', '/api/rooms', undefined, gus.token)).body;
    await world.call('POST', `/api/rooms/${rooms[0].id}/join`, undefined, gus.token);
    const client = await world.connect(gus);
    await world.call('POST', '/api/auth/logout', {}, undefined, { cookie: gus.cookie });
    await client.closed;
    await farewell().settled();
    expect(await guests()).toEqual(['Gert']);
    for (const [table, column] of [
      ['device', 'account'],
      ['session', 'account'],
      ['membership', 'account'],
      ['account', 'id'],
    ])
      expect([table, await rows(`select 1 from ${table} where ${column} = $1`, [gus.id])]).toEqual([table, []]);
    expect((await come('Gus')).status).toBe(201);
    // Whoever has an account keeps it, with or without a session.
    const bob = await world.person('bob');
    await world.call('POST', '/api/auth/logout', {}, undefined, { cookie: bob.cookie });
    expect((await world.call('GET', '/api/rooms', undefined, bob.token)).body.code).toBe('session-ended');
    await farewell().settled();
    expect(await rows(`select 1 from account where username = 'bob'`)).toHaveLength(1);
  });

  it('are gone when they were not seen for twelve hours, or their session ended elsewhere', async () => {
    for (const name of ['Gus', 'Gert', 'Gwen']) await come(name);
    const long = Date.now() - 12 * 3_600_000 - 1;
    await rows(`update account set created_at = $1 where display_name <> 'Gwen' returning id`, [long]);
    await rows(`update session set last_used_at = $1 where account = (select id from account where display_name = 'Gus') returning id`, [
      long,
    ]);
    await rows(`update session set ended_at = 1 where account = (select id from account where display_name = 'Gwen') returning id`);
    const carl = await world.person('carl');
    await rows(`update session set ended_at = 1 where account = $1 returning id`, [carl.id]);
    await farewell().sweep();
    expect(await rows(`select 1 from account where username = 'carl'`)).toHaveLength(1);
    expect(await guests()).toEqual(['Gert']);
    expect(await rows(`select 1 from account where username = 'ann'`)).toHaveLength(1);
  });

  it('are at most twenty from one network', async () => {
    for (let i = 0; i < 20; i++) expect((await come(`Guest ${'abcdefghijkmnopqrstuvwxyz'[i]}`)).status).toBe(201);
    const { status, body, headers } = await come('One more');
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'slow-down', '60']);
    expect((await come('Another', '192.0.2.2')).status).toBe(201);
    expect(JSON.stringify(await rows(`select * from account`))).not.toContain('192.0.2.1');
  });

  it('do not come where they are not wanted', async () => {
    await world.close();
    world = await World.open();
    const { status, body } = await come('Gus');
    expect([status, body.code]).toEqual([403, 'registration-closed']);
  });
});
