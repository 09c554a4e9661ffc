import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { Database } from '../database/database.ts';
import type { Client } from '../testing/client.ts';
import { World, type Answer, type Person } from '../testing/world.ts';

let world: World;
let database: Database;
let ann: Person; // administrator of the site
let bob: Person; // owner of the room
let carl: Person;
let dora: Person;
let room: string;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  database = world.server.app.get(Database);
  ann = await world.first('ann');
  [bob, carl, dora] = [await world.person('bob'), await world.person('carl'), await world.person('dora')];
});
beforeEach(async () => {
  room = await made({ name: `Room ${++number}` });
  await call('POST', '/join', {}, carl);
});
afterAll(() => world.close());

const made = async (request: object): Promise<string> => (await world.call('POST', '/api/rooms', request, bob.token)).body.id as string;
const call = (method: string, path: string, body: unknown, who: Person, of = room): Promise<Answer> =>
  world.call(method, `/api/rooms/${of}${path}`, body, who.token);
const role = (of: Person, is: string, who: Person) => call('PUT', `/members/${of.id}/role`, { role: is }, who);
const acts = async (act: string) =>
  (
    await database.rows<{ detail: object }>('select detail from audit where act = $1 and (subject = $2 or detail->>$3 = $2)', [
      act,
      room,
      'room',
    ])
  ).map(({ detail }) => detail);
async function inRoom(who: Person): Promise<Client> {
  const client = await world.connect(who);
  client.say({ type: 'join', room });
  await client.next('joined');
  return client;
}

describe('roles (ROOM6)', () => {
  it('are given by owners, and told to the room and to whose they are', async () => {
    const [watching, concerned] = [await inRoom(bob), await world.connect(carl)];
    expect((await role(carl, 'moderator', bob)).status).toBe(204);
    const { joined } = await watching.next('members', (frame) => frame.joined.length > 0);
    expect(joined).toMatchObject([{ id: carl.id, role: 'moderator' }]);
    const told = await concerned.next('changed');
    expect(told).toMatchObject({ room, role: 'moderator' });
    expect(told.certificate).not.toBeNull();
    expect(await acts('role-in-room-changed')).toEqual([{ room, role: 'moderator' }]);
    for (const client of [watching, concerned]) client.close();
  });

  it('are not given by moderators, members or strangers, nor to strangers', async () => {
    await role(carl, 'moderator', bob);
    expect((await role(bob, 'member', carl)).status).toBe(403);
    expect((await role(carl, 'owner', carl)).status).toBe(403);
    expect((await role(carl, 'member', dora)).body).toEqual(
      (await call('PUT', `/members/${carl.id}/role`, { role: 'member' }, dora, randomUUID())).body,
    );
    expect((await role(carl, 'member', ann)).status).toBe(404); // an administrator of the site is nothing here
    expect((await role(dora, 'moderator', bob)).status).toBe(404);
  });

  it('keep an owner in the room until another is one; alone they may go', async () => {
    for (const answer of [await call('POST', '/leave', {}, bob), await role(bob, 'member', bob)])
      expect(answer).toMatchObject({ status: 409, body: { code: 'last-owner' } });
    expect((await role(carl, 'owner', bob)).status).toBe(204);
    expect((await role(bob, 'member', carl)).status).toBe(403); // nobody takes it from them
    expect((await call('POST', '/leave', {}, bob)).status).toBe(204);
    expect((await call('POST', '/leave', {}, carl)).status).toBe(204);
    expect(await database.rows('select 1 from room where id = $1 and archived_at is not null', [room])).toHaveLength(1);
  });
});

describe('changes (ROOM10)', () => {
  it('are the owners’ to make, topic and icon also the moderators’, and told to members on each device', async () => {
    await role(carl, 'moderator', bob);
    const client = await world.connect(carl);
    const renamed = await call(
      'PATCH',
      '',
      { name: `Renamed ${number}`, retentionDays: 7, newcomersDays: 30, disappearAfterMs: 60_000 },
      bob,
    );
    expect(renamed).toMatchObject({ status: 200, body: { name: `Renamed ${number}` } });
    expect(await client.next('changed')).toMatchObject({
      summary: { name: `Renamed ${number}` },
      settings: { retentionDays: 7, newcomersDays: 30, disappearAfterMs: 60_000 },
      role: 'moderator',
    });
    expect((await call('PATCH', '', { topic: 'Boats', icon: '⛵' }, carl)).body).toMatchObject({ topic: 'Boats', icon: '⛵' });
    for (const change of [{ name: 'Mine' }, { retentionDays: 1 }, { newcomersDays: 7 }, { topic: 'x', disappearAfterMs: null }])
      expect([change, (await call('PATCH', '', change, carl)).status]).toEqual([change, 403]);
    expect((await call('PATCH', '', { topic: 'x' }, dora)).status).toBe(404);
    expect(await acts('room-changed')).toEqual([{ fields: 'disappearAfterMs name newcomersDays retentionDays' }, { fields: 'icon topic' }]);
    client.close();
  });

  it('take no name that another room has', async () => {
    await made({ name: `Taken ${number}` });
    expect((await call('PATCH', '', { name: `TAKEN ${number}` }, bob)).status).toBe(409);
  });

  it('of a password count its version up; there is none to change elsewhere', async () => {
    expect((await call('PUT', '/password', { admission: 'A'.repeat(43) }, bob)).status).toBe(409);
    const vault = await made({ name: `Vault ${number}`, kind: 'password', id: randomUUID(), admission: 'A'.repeat(43) });
    expect((await call('PUT', '/password', { admission: 'B'.repeat(43) }, bob, vault)).body).toEqual({ passwordVersion: 2 });
    expect((await call('POST', '/join', { admission: 'A'.repeat(43) }, carl, vault)).status).toBe(401);
    expect((await call('POST', '/join', { admission: 'B'.repeat(43) }, carl, vault)).body).toMatchObject({ passwordVersion: 2 });
    expect((await call('PUT', '/password', { admission: 'C'.repeat(43) }, carl, vault)).status).toBe(403);
  });
});

describe('the end of a room (ROOM10)', () => {
  it('archived: it throws everybody out, nobody comes in, and unarchived its members are back', async () => {
    const client = await inRoom(carl);
    expect((await call('POST', '/archive', {}, carl)).status).toBe(403);
    expect((await call('POST', '/archive', {}, dora)).status).toBe(404);
    expect((await call('POST', '/archive', {}, bob)).status).toBe(204);
    expect(await client.next('expelled')).toMatchObject({ room, reason: 'archived' });
    expect((await call('POST', '/join', {}, dora)).status).toBe(404);
    client.say({ type: 'join', room });
    expect((await client.next('error')).code).toBe('not-found');
    expect((await call('POST', '/unarchive', {}, carl)).status).toBe(403);
    expect((await call('POST', '/unarchive', {}, bob)).status).toBe(204);
    expect(await client.next('members', (frame) => frame.room === room)).toMatchObject({ joined: [{ id: carl.id }] });
    client.say({ type: 'join', room });
    expect((await client.next('joined')).members).toHaveLength(2);
    expect([...(await acts('room-archived')), ...(await acts('room-unarchived'))]).toHaveLength(2);
    client.close();
  });

  it('unarchived: who lost the right to be in it meanwhile, or was banned, is not among those who are back', async () => {
    const [emil, fay, gus] = [await world.person(`emil${number}`), await world.person(`fay${number}`), await world.person(`gus${number}`)];
    await database.run(`update account set claims = '{"vip": true}' where id = any($1)`, [
      [bob, carl, dora, emil, fay, gus].map(({ id }) => id),
    ]);
    for (const person of [dora, emil, fay, gus]) expect((await call('POST', '/join', {}, person)).status).toBe(200);
    await database.run(`update room set for_role = 'vip' where id = $1`, [room]);
    expect((await call('POST', '/archive', {}, bob)).status).toBe(204);
    expect((await world.call('PATCH', `/api/admin/accounts/${emil.id}`, { vip: false }, ann.token)).status).toBe(200);
    const ban = (who: Person, where: string | null, until: number | null) =>
      database.run(
        `insert into ban (id, room, account, until, reason, made_by, by_name, created_at) values ($1, $2, $3, $4, '', null, '', 0)`,
        [randomUUID(), where, who.id, until],
      );
    await ban(fay, null, null);
    await ban(gus, room, Date.now() + 3_600_000);
    await ban(dora, null, 1); // over
    expect((await call('POST', '/unarchive', {}, bob)).status).toBe(204);
    const back = await database.rows<{ account: string }>('select account from membership where room = $1', [room]);
    expect(back.map(({ account }) => account).sort()).toEqual([bob, carl, dora].map(({ id }) => id).sort());
    expect(await acts('room-unarchived')).toHaveLength(1);
    await database.run('delete from ban');
  });

  it('deleted: nothing of it is left but the line in the audit log', async () => {
    const client = await inRoom(carl);
    expect((await call('DELETE', '', undefined, carl)).status).toBe(403);
    expect((await call('DELETE', '', undefined, dora)).status).toBe(404);
    expect((await call('DELETE', '', undefined, bob)).status).toBe(204);
    expect(await client.next('expelled')).toMatchObject({ room, reason: 'deleted' });
    for (const table of ['membership', 'room_head', 'room_group', 'room_log'])
      expect([table, await database.rows(`select 1 from ${table} where room = $1`, [room])]).toEqual([table, []]);
    expect(await acts('room-deleted')).toEqual([{ kind: 'open' }]);
    expect((await call('DELETE', '', undefined, bob)).status).toBe(404);
    client.close();
  });

  it('is an administrator’s too where the room stands in the list, and not where it is hidden', async () => {
    expect((await call('POST', '/archive', {}, ann)).status).toBe(204);
    expect((await call('DELETE', '', undefined, ann)).status).toBe(204);
    const hidden = await made({ name: `Hidden ${number}`, kind: 'hidden' });
    for (const [method, path] of [['POST', '/archive'], ['DELETE', '']] as const) {
      const [there, missing] = [await call(method, path, undefined, ann, hidden), await call(method, path, undefined, ann, randomUUID())];
      expect([there.status, there.body]).toEqual([404, missing.body]);
    } // prettier-ignore
  });
});
