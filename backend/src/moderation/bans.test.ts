import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actStatement, fromBase64url, ModerationStatement, verifyEd25519, type SignedAct } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { act, acting, type Acting } from '../testing/acting.ts';
import type { Client } from '../testing/client.ts';
import { PASSWORD, World } from '../testing/world.ts';
import { BanList } from './ban-list.service.ts';

/* Whom a ban keeps out, and until when. */
let world: World;
let serverKey: Uint8Array;
let ann: Acting; // administrator
let owen: Acting; // owner of the room
let mona: Acting; // moderator of the room
let bob: Acting;
let carl: Acting;
let room: string;

beforeAll(async () => {
  world = await World.open();
  ann = await acting(world, 'ann', true);
  owen = await acting(world, 'owen');
  mona = await acting(world, 'mona');
  bob = await acting(world, 'bob');
  carl = await acting(world, 'carl');
  room = (await world.call('POST', '/api/rooms', { name: 'Owen’s' }, owen.token)).body.id;
  for (const person of [mona, bob, carl]) await world.call('POST', `/api/rooms/${room}/join`, {}, person.token);
  await setRole(mona, 'moderator');
  serverKey = fromBase64url((await world.call('GET', '/api/config')).body.serverKey);
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const setRole = (person: Acting, role: string) =>
  database().run('update membership set role = $3 where room = $1 and account = $2', [room, person.id, role]);
const rejoin = (person: Acting) => world.call('POST', `/api/rooms/${room}/join`, {}, person.token);
const isMember = async (person: Acting) =>
  (await database().rows('select 1 from membership where room = $1 and account = $2', [room, person.id])).length > 0;
async function inRoom(person: Acting): Promise<Client> {
  const client = await world.connect(person);
  client.say({ type: 'join', room });
  await client.next('joined');
  return client;
}
const said = (one: SignedAct) => ModerationStatement.parse(JSON.parse(Buffer.from(one.statement, 'base64url').toString()));

describe('a ban from a room', () => {
  it('keeps out by every way until it ends, and says until when and why', async () => {
    const until = Date.now() + 3_600_000;
    expect((await act(world, mona, { act: 'ban', room, user: bob.id, until, reason: 'spam' })).status).toBe(204);
    const refused = await rejoin(bob);
    expect([refused.status, refused.body.code]).toEqual([403, 'banned']);
    expect(refused.body.text).toContain('spam');
    expect(refused.body.text).toContain(new Date(until).toISOString());
    expect(await isMember(bob)).toBe(false);
    expect((await world.call('POST', '/api/rooms', { name: 'Bob’s own' }, bob.token)).status).toBe(201);
    await database().run('update ban set until = $1', [Date.now() - 1]);
    expect((await rejoin(bob)).status).toBe(200);
  });

  it('may be pronounced over who is not there yet, and be taken back', async () => {
    const dora = await acting(world, 'dora');
    expect((await act(world, mona, { act: 'kick', room, user: dora.id })).body.code).toBe('conflict');
    expect((await act(world, mona, { act: 'ban', room, user: dora.id })).status).toBe(204);
    expect((await rejoin(dora)).body.code).toBe('banned');
    expect((await act(world, mona, { act: 'unban', room, user: dora.id })).status).toBe(204);
    expect((await rejoin(dora)).status).toBe(200);
  });

  it('hands the room on where its owner is banned from the site’s side', async () => {
    const own = (await world.call('POST', '/api/rooms', { name: 'Carl’s' }, carl.token)).body.id;
    await world.call('POST', `/api/rooms/${own}/join`, {}, bob.token);
    const preview = await world.call('POST', '/api/moderation/preview', { act: 'ban', room: own, user: carl.id }, ann.token);
    expect(preview.body).toMatchObject({ allowed: true, rooms: 1, sockets: 0, successor: 'bob' });
    expect((await act(world, ann, { act: 'ban', room: own, user: carl.id })).status).toBe(204);
    expect(await database().rows('select account, role from membership where room = $1', [own])).toEqual([
      { account: bob.id, role: 'owner' },
    ]);
  });
});

describe('a ban from the site', () => {
  const login = () => world.call('POST', '/api/auth/login', { username: 'fred', password: PASSWORD });

  it('ends sessions, sockets and memberships, and opens no door until it ends', async () => {
    const fred = await acting(world, 'fred');
    await rejoin(fred);
    const [socket, watching] = [await inRoom(fred), await inRoom(bob)];
    const preview = await world.call('POST', '/api/moderation/preview', { act: 'ban', room: null, user: fred.id }, ann.token);
    expect(preview.body).toMatchObject({ allowed: true, rooms: 1, sockets: 1, sessions: 1 });
    const until = Date.now() + 3_600_000;
    expect((await act(world, ann, { act: 'ban', user: fred.id, until, reason: 'spam' })).status).toBe(204);
    expect(said((await watching.next('moderated', ({ room: where }) => where === null)).act)).toMatchObject({ act: 'ban', reason: 'spam' });
    await socket.next('moderated', ({ room: where }) => where === null);
    expect((await socket.next('bye')).code).toBe('session-ended');
    await socket.closed;
    expect((await watching.next('members')).left).toEqual([fred.id]);
    expect(await isMember(fred)).toBe(false);
    expect((await world.call('GET', '/api/me', undefined, fred.token)).status).toBe(401);
    const refused = await login();
    expect([refused.status, refused.body.code, refused.body.text.includes('spam')]).toEqual([403, 'banned', true]);
    expect((await world.call('GET', `/api/admin/accounts/${fred.id}`, undefined, ann.token)).body).toMatchObject({
      lockReason: 'spam',
      lockedUntil: until,
    });
    await database().run('update account set locked_until = 1 where id = $1', [fred.id]);
    await database().run('update ban set until = 1 where account = $1', [fred.id]);
    expect((await login()).status).toBe(200);
    expect((await world.call('GET', '/api/me', undefined, fred.token)).status).toBe(401); // what was ended stays ended
    watching.close();
  });

  it('outlives its account, and is ended by unlocking, too', async () => {
    const [{ id }] = (await database().rows<{ id: string }>(`select id from account where username = 'fred'`)) as [{ id: string }];
    const direct = () => world.call('POST', '/api/direct', { user: id }, bob.token);
    const before = (await direct()).body.id;
    await act(world, ann, { act: 'ban', user: id });
    const refused = await direct();
    expect([refused.body.code, refused.body.reason]).toEqual(['forbidden', 'no-directs']); // whose ban it is, is nobody else's business
    expect((await world.call('POST', `/api/admin/accounts/${id}/unlock`, undefined, ann.token)).status).toBe(200);
    expect((await login()).status).toBe(200);
    expect((await direct()).body.id).toBe(before);
    expect(await database().rows('select 1 from ban where account = $1 union all select 1 from ban_mark', [id])).toEqual([]);
    await act(world, ann, { act: 'ban', user: id });
    expect((await world.call('DELETE', `/api/admin/accounts/${id}`, undefined, ann.token)).status).toBe(204);
    const invite = (await world.call('POST', '/api/invites', {}, ann.token)).body.secret;
    const again = { invite, username: 'fred', displayName: 'Fred', password: PASSWORD };
    expect((await world.call('POST', '/api/auth/register', again)).body.code).toBe('name-taken');
    expect((await world.call('POST', '/api/auth/register', { ...again, username: 'gustav', displayName: 'Gustav' })).status).toBe(201);
    expect((await world.call('POST', '/api/admin/accounts', { username: 'fred', password: PASSWORD }, ann.token)).status).toBe(201);
  });
});

describe('a lock that an administrator put', () => {
  it('is not taken off by a ban from the site, nor by its end, whichever came first', async () => {
    const iris = await acting(world, 'iris');
    await database().run(`update account set role = 'moderator' where id = $1`, [mona.id]);
    const login = async () => (await world.call('POST', '/api/auth/login', { username: 'iris', password: PASSWORD })).body.code;
    const lock = () => world.call('POST', `/api/admin/accounts/${iris.id}/lock`, { reason: 'stolen' }, ann.token);
    const shown = async () => (await world.call('GET', `/api/admin/accounts/${iris.id}`, undefined, ann.token)).body;
    const ban = async (until: number | null = null) =>
      expect((await act(world, mona, { act: 'ban', user: iris.id, until, reason: 'spam' })).status).toBe(204);
    const unban = async () => expect((await act(world, mona, { act: 'unban', user: iris.id })).status).toBe(204);
    const { lockedAt } = (await lock()).body;
    await ban();
    await unban();
    expect(await shown()).toMatchObject({ lockedAt, lockReason: 'stolen', lockedUntil: null });
    await ban(Date.now() + 3_600_000);
    await database().run('update account set locked_until = 1 where locked_until is not null and id = $1', [iris.id]);
    await database().run('update ban set until = 1 where account = $1', [iris.id]);
    expect(await login()).toBe('account-locked');
    await world.server.app.get(BanList).sweep();
    expect(await shown()).toMatchObject({ lockedAt, lockReason: 'stolen', lockedUntil: null });
    expect((await world.call('POST', `/api/admin/accounts/${iris.id}/unlock`, undefined, ann.token)).body.lockedAt).toBeNull();
    expect(await login()).toBeUndefined();
    await ban();
    await lock();
    await unban();
    expect(await login()).toBe('account-locked');
    await world.call('POST', `/api/admin/accounts/${iris.id}/unlock`, undefined, ann.token);
    await database().run(`update account set role = 'user' where id = $1`, [mona.id]);
  });
});

describe('a ban whose time is over', () => {
  it('is cleared up, with the lock and the mark it put; one that still holds stays', async () => {
    const [gwen, hugh] = [await acting(world, 'gwen'), await acting(world, 'hugh')];
    const until = Date.now() + 3_600_000;
    for (const { id } of [gwen, hugh]) await act(world, ann, { act: 'ban', user: id, until });
    await act(world, mona, { act: 'mute', room, user: bob.id, until });
    for (const [sql, ...params] of [
      ['update account set locked_until = 1 where id = $1', gwen.id],
      ['update ban set until = 1 where account = $1', gwen.id],
      ['update ban_mark set until = 1 where created_at = (select created_at from ban where account = $1)', gwen.id],
      [`update moderation_act set until = 1 where account = any(array[$1, $2]::uuid[])`, gwen.id, bob.id],
    ] as [string, ...string[]][])
      await database().run(sql, params);
    await world.server.app.get(BanList).sweep();
    const locked = await database().rows<{ username: string }>('select username from account where locked_at is not null');
    expect(locked).toEqual([{ username: 'hugh' }]);
    expect(await database().rows('select account from ban where room is null')).toEqual([{ account: hugh.id }]);
    expect(await database().rows('select act, account from moderation_act where ended_at is null and until is not null')).toEqual([
      { act: 'ban', account: hugh.id },
    ]);
    await act(world, ann, { act: 'unban', user: hugh.id });
  });
});

describe('a moderator whose account goes', () => {
  it('leaves what still holds, signed by the server, and no trace in it of who they were', async () => {
    const gil = await acting(world, 'gil');
    const tom = await acting(world, 'tom');
    for (const person of [gil, tom]) await rejoin(person);
    await setRole(gil, 'moderator');
    await act(world, gil, { act: 'mute', room, user: tom.id });
    await act(world, gil, { act: 'kick', room, user: tom.id });
    await act(world, gil, { act: 'ban', room, user: tom.id });
    expect((await world.call('DELETE', `/api/admin/accounts/${gil.id}`, undefined, ann.token)).status).toBe(204);
    const rows = await database().rows<Record<'statement' | 'signature' | 'certificate', Buffer>>(
      'select act, statement, signature, certificate, made_by as "by" from moderation_act where account = $1 order by id',
      [tom.id],
    );
    expect(rows).toMatchObject([
      { act: 'mute', by: null },
      { act: 'ban', by: null },
    ]);
    for (const { statement, signature, certificate } of rows) {
      expect(certificate).toHaveLength(0);
      expect(ModerationStatement.parse(JSON.parse(statement.toString()))).toMatchObject({ device: null, user: tom.id });
      expect(statement.toString()).not.toContain(gil.id);
      expect(await verifyEd25519(serverKey, signature, actStatement(statement))).toBe(true);
    }
    expect((await rejoin(tom)).body.code).toBe('banned');
  });
});

describe('one’s own data', () => {
  it('holds what was done to one and by one, and of others neither name nor id', async () => {
    const of = async (person: Acting) => (await world.call('GET', '/api/me/export', undefined, person.token)).body;
    await act(world, mona, { act: 'ban', room, user: carl.id, reason: 'for a day', until: Date.now() + 86_400_000 });
    const [his, hers] = [await of(carl), await of(mona)];
    expect(his.bans.at(-1)).toMatchObject({ room, reason: 'for a day' });
    expect(his.acts.at(-1)).toMatchObject({ act: 'ban', room, reason: 'for a day', aboutMe: true, byMe: false });
    expect(hers.acts.at(-1)).toMatchObject({ act: 'ban', room, aboutMe: false, byMe: true });
    expect(JSON.stringify([his.acts, his.bans])).not.toContain(mona.id);
    expect(JSON.stringify(hers.acts)).not.toContain(carl.id);
    await act(world, mona, { act: 'unban', room, user: carl.id });
    await rejoin(carl);
  });
});
