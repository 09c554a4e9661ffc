import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url, uuidToBytes } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Member } from '../testing/member.ts';
import { describedOnly } from '../testing/prism.ts';
import { PASSWORD, World } from '../testing/world.ts';

/* Taking one's data along, and going (ACC13): afterwards every table is searched for every trace. */
let world: World;
let endProxy: () => Promise<void>;
let ann: Member;
let bob: Member;
let room: string;
let database: Database;

beforeAll(async () => {
  world = await World.open();
  endProxy = await describedOnly(world);
  database = world.server.app.get(Database);
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob-who-goes');
  room = (await ann.call('POST', '/api/rooms', { name: 'Both' })).body.id;
  await ann.connect();
  await ann.join(room);
  await bob.join(room);
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
});
afterAll(async () => {
  await endProxy();
  await world.close();
});

/** Where any of these stands, as text or as bytes: `table.column: what`. */
async function places(traces: Record<string, string[]>): Promise<string[]> {
  const tables = await database.rows<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const found = new Set<string>();
  for (const { name } of tables) {
    for (const row of await database.rows<Record<string, unknown>>(`select * from "${name}"`)) {
      for (const [column, value] of Object.entries(row)) {
        const said = (value instanceof Uint8Array ? hex(value) : (JSON.stringify(value) ?? '')).toLowerCase();
        for (const [what, forms] of Object.entries(traces))
          if (forms.some((form) => said.includes(form.toLowerCase()))) found.add(`${name}.${column}: ${what}`);
      }
    }
  }
  return [...found].sort();
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const keyForms = (key: Uint8Array) => [hex(key), toBase64url(key)];

describe('an account that goes', () => {
  it('takes all it has along first, but no hash of a password', async () => {
    await bob.call('PATCH', '/api/me', { displayName: 'Robert the Rare', about: 'once said this' });
    const { status, body, headers } = await bob.call('GET', '/api/me/export');
    expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="conclave-account.json"']);
    expect(body).toMatchObject({
      profile: { displayName: 'Robert the Rare', about: 'once said this' },
      devices: [{ id: bob.device }],
      sessions: [{ method: 'registration' }],
      memberships: [{ room, name: 'Both', role: 'member' }],
    });
    const [{ hash }] = (await database.rows<{ hash: string }>('select password_hash as hash from account where id = $1', [
      bob.person.id,
    ])) as [{ hash: string }];
    expect(JSON.stringify(body)).not.toContain(hash);
    expect(JSON.stringify(body)).not.toContain(ann.person.id);
  });

  it('says who it is once more, by name and password; a wrong password is a guess', async () => {
    const going = (request: object) => bob.call('POST', '/api/me/deletion', request);
    expect((await going({ username: 'ann', password: PASSWORD })).body.code).toBe('bad-request');
    expect((await going({ username: 'bob-who-goes' })).body.code).toBe('bad-credentials');
    for (let i = 0; i < 5; i++) await going({ username: 'bob-who-goes', password: 'a wrong one, certainly' });
    expect((await going({ username: 'bob-who-goes', password: PASSWORD })).status).toBe(429);
    await database.run('delete from guess');
  });

  it('is gone: signed out, out of its rooms, and after the Remove nowhere in the database', async () => {
    const { id } = bob.person;
    const traces = {
      id: [id, hex(uuidToBytes(id))],
      name: ['bob-who-goes', 'Robert the Rare', 'once said this'],
      device: [bob.device, hex(uuidToBytes(bob.device))],
      keys: [...keyForms(bob.person.keys.deviceKey), ...keyForms(bob.person.keys.accountKey)],
    };
    expect(await places(traces)).toEqual(
      expect.arrayContaining(['account.id: id', 'room_group.state: id', 'room_leaf.account: id', 'device.device_key: keys']),
    );
    const [{ subject }] = (await database.rows<{ subject: string }>('select audit_id::text as subject from account where id = $1', [
      id,
    ])) as [{ subject: string }];
    expect((await bob.call('POST', '/api/me/deletion', { username: 'Bob-Who-Goes', password: PASSWORD })).status).toBe(204);
    await bob.client.closed;
    expect((await bob.call('GET', '/api/me')).status).toBe(401);
    expect((await world.call('POST', '/api/auth/login', { username: 'bob-who-goes', password: PASSWORD })).status).toBe(401);
    expect((await ann.client.next('members', ({ left }) => left.length > 0)).left).toEqual([id]);
    expect((await ann.call('GET', `/api/people/${id}`)).status).toBe(404);

    // Until ann commits the Remove, everybody's tree has bob's leaf: the server keeps it by its device, and the public state with it.
    await ann.client.next('group', ({ group }) => group.removing.length > 0).then(({ group }) => ann.propose(room, group));
    const left = await places(traces);
    expect(left.filter((place) => !/^room_(group|log)\./.test(place))).toEqual(['room_leaf.device: device']);

    expect((await ann.commit(room)).status).toBe(200);
    // Bob's own commits wait for whoever has not fetched them, 60 days at most.
    await world.server.app.get(Expiry).sweep(Date.now() + 61 * 86_400_000);
    expect(await places(traces)).toEqual([]);
    expect((await database.rows('select act from audit where subject = $1', [subject])).map((row) => row)).toEqual([
      { act: 'account-deleted' },
    ]);
    expect(await places({ audit: [subject] })).toEqual(['audit.actor: audit', 'audit.subject: audit']);
  });

  it('leaves a room that was its own alone without a group, and the server as it was', async () => {
    const carl = await Member.come(world, 'carl');
    const alone = (await carl.call('POST', '/api/rooms', { name: 'Alone' })).body.id;
    const shared = (await carl.call('POST', '/api/rooms', { name: 'Shared' })).body.id;
    for (const mine of [alone, shared]) {
      await carl.join(mine);
      expect((await carl.found(mine)).status).toBe(200);
    }
    await ann.join(shared);
    const traces = { id: [carl.person.id, hex(uuidToBytes(carl.person.id))], device: [carl.device, hex(uuidToBytes(carl.device))] };
    expect((await world.call('DELETE', `/api/admin/accounts/${carl.person.id}`, undefined, ann.person.token)).status).toBe(204);
    await world.server.app.get(Expiry).sweep(Date.now() + 61 * 86_400_000);
    expect(await places(traces)).toEqual([]);
    const { group } = await ann.client.next('group', (frame) => frame.room === shared && frame.group.generation === 1);
    expect(group.epoch).toBe(-1);
    expect((await ann.found(shared, 1)).status).toBe(200);
  });
});
