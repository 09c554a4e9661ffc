import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Statistics } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { World, type Person } from '../testing/world.ts';
import { Housekeeping } from './housekeeping.service.ts';

let world: World;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const mailbox = (letter: string) => letter.repeat(22);
const put = (person: Person, box: string, sealed = 'AAAA', side = 'request') =>
  world.call('PUT', `/api/me/links/${box}/${side}`, { sealed }, person.token);
const get = (person: Person, box: string, side = 'request') => world.call('GET', `/api/me/links/${box}/${side}`, undefined, person.token);

describe('a link mailbox', () => {
  it('is of one account, one side, ten minutes and eight kilobytes', async () => {
    expect((await put(ann, mailbox('A'), 'hello')).status).toBe(204);
    expect((await get(ann, mailbox('A'))).body).toEqual({ sealed: 'hello' });
    const missing = await get(bob, mailbox('B'));
    expect([missing.status, (await get(bob, mailbox('A'))).body]).toEqual([404, missing.body]);
    expect((await get(ann, mailbox('A'), 'answer')).status).toBe(404);
    expect((await put(ann, mailbox('A'), 'x'.repeat(8192))).status).toBe(204);
    expect((await put(ann, mailbox('A'), 'x'.repeat(8193))).status).toBe(400);
    for (const bad of ['', 'not base64!', 'a=']) expect((await put(ann, mailbox('A'), bad)).status).toBe(400);
    for (const bad of [mailbox('A').slice(1), `${mailbox('A')}A`, '%00'.repeat(22)]) expect((await put(ann, bad)).status).toBe(400);
    await database().run('update link_message set expires_at = $1', [Date.now() - 1]);
    expect((await get(ann, mailbox('A'))).body).toEqual(missing.body);
  });

  it('is one of ten at a time', async () => {
    for (let i = 0; i < 10; i++) expect((await put(bob, `${i}`.repeat(22))).status).toBe(204);
    const refused = await put(bob, mailbox('Z'));
    expect([refused.status, refused.body.code]).toEqual([429, 'slow-down']);
    expect((await put(bob, mailbox('3'), 'BBBB')).status).toBe(204);
    expect((await put(ann, mailbox('Z'))).status).toBe(204);
  });
});

describe('statistics', () => {
  const read = async () => Statistics.parse((await world.call('GET', '/api/admin/statistics', undefined, ann.token)).body);

  it('count what is there and what happened', async () => {
    const before = await read();
    expect(before).toMatchObject({ users: 2, rooms: 1, sockets: 0, signedIn: 0, relayedEnvelopes: 0, waitingEnvelopes: 0 });
    const client = await world.connect(bob);
    await world.call('POST', '/api/rooms', { name: 'Second' }, bob.token);
    for (let i = 0; i < 5; i++) await world.call('POST', '/api/auth/login', { username: 'bob', password: 'wrong' });
    const after = await read();
    expect(after).toMatchObject({ rooms: 2, sockets: 1, signedIn: 1, failedLogins: before.failedLogins + 5, lockedAccounts: 1 });
    client.close();
  });
});

describe('housekeeping', () => {
  const counts = async () => {
    const tables = [
      'ticket',
      'session',
      'guess',
      'link_message',
      'invite',
      'admission',
      'key_package',
      'key_package_lease',
      'expiry_notice',
      'room_log',
    ];
    const [row] = await database().rows<Record<string, number>>(
      `select ${tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')}`,
    );
    return row;
  };

  it('clears up after every module what is over, and nothing that is not', async () => {
    await world.server.app.get(Housekeeping).sweep();
    await world.ticket(ann);
    await world.call('POST', '/api/invites', {}, ann.token);
    await put(ann, mailbox('L'));
    const before = await counts();
    await world.server.app.get(Housekeeping).sweep();
    expect(await counts()).toEqual(before);

    const [{ room }] = (await database().rows<{ room: string }>('select id as room from room limit 1')) as [{ room: string }];
    const [{ session }] = (await database().rows<{ session: string }>('select id as session from session limit 1')) as [
      { session: string },
    ];
    const old = Date.now() - 100 * 86_400_000;
    const id = '11111111-1111-4111-8111-111111111111';
    for (const [sql, ...params] of [
      [`insert into ticket values ('\\x01', $1, $2)`, session, old],
      [`insert into session (id, account, rotated_at, created_at, expires_at) values ($1, $2, $3, $3, $3)`, id, ann.id, old],
      [`insert into guess values ('account:x', 9, $1, $1)`, old],
      [`insert into link_message values ($1, 'old', 'request', 'x', $2)`, ann.id, old],
      [`insert into invite values ($1, '\\x02', 1, '{}', $2, $3, $3)`, id, ann.id, old],
      [`insert into admission values ('\\x03', $1, $2, 0, 0, $3)`, room, ann.keys.device, old],
      [`insert into key_package values ('\\x04', $1, '\\x05', false, $2, $2)`, ann.keys.device, old],
      [`insert into expiry_notice (account, room, eid, devices, created_at) values ($1, $2, '\\x06', '{}', $3)`, ann.id, room, old],
      [
        `insert into room_log (room, pos, kind, generation, epoch, eid, author, body, targets, created_at) values ($1, 900, 'commit', 0, 0, '\\x07', $2, '\\x08', '{}', $3)`,
        room,
        id,
        old,
      ],
    ] as [string, ...unknown[]][]) {
      await database().run(sql, params);
    }
    expect(await counts()).not.toEqual(before);
    await world.server.app.get(Housekeeping).sweep();
    expect(await counts()).toEqual(before);
    expect((await world.call('GET', '/api/rooms', undefined, ann.token)).status).toBe(200);
  });
});
