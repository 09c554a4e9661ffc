import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { act, acting, type Acting } from '../testing/acting.ts';
import { World, type Person } from '../testing/world.ts';

/* The console with as much as a busy site has: 1,000 people, 200 rooms, 10,000 lines in the audit log. */
const USERS = 1_000;
const ROOMS = 200;
const LINES = 10_000;
let world: World;
let ann: Acting;
let mod: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await acting(world, 'ann', true);
  mod = await world.person('minna');
  bob = await world.person('bob');
  await seed();
  await database().run(`update account set role = 'moderator' where id = $1`, [mod.id]);
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const get = async (path: string, by: Person = ann) => world.call('GET', path, undefined, by.token);
const there = async (path: string, by: Person = ann) => (await get(path, by)).body;

/** Through the tables, as many requests would take minutes. */
async function seed(): Promise<void> {
  const run = (sql: string) => database().run(sql);
  await run(`insert into account (id, username, display_name, role, created_at)
    select gen_random_uuid(), 'u' || lpad(i::text, 4, '0'), 'Person ' || i, 'user', i from generate_series(1, ${USERS}) i`);
  await run(`insert into room (id, kind, name, name_key, topic, created_at, archived_at)
    select gen_random_uuid(), (array['open', 'password', 'hidden', 'direct'])[1 + i % 4], 'Room ' || i, 'room ' || i, 'topic ' || i % 7, i,
      case when i % 10 = 0 then 1 end from generate_series(1, ${ROOMS}) i`);
  for (const table of ['room_head', 'room_group'])
    await run(`insert into ${table} (room) select id from room where id not in (select room from ${table})`);
  await run(`insert into membership (room, account, role, since)
    select r.id, a.id, case when a.username = 'u0001' then 'owner' else 'member' end, 1 from room r, account a
    where r.name like 'Room %' and a.username between 'u0001' and 'u0030'`);
  await run(`insert into ban (id, room, account, until, reason, by_name, created_at)
    select gen_random_uuid(), r.id, a.id, case when a.username = 'u0901' then 1 end, 'because', '', 5 from room r, account a
    where r.name like 'Room %' and a.username in ('u0900', 'u0901')`);
  // One statement for each line would take long; the trigger chains each all the same.
  await run(`insert into audit (at, actor, act, subject, detail)
    select i, (select audit_id from account where username = 'u' || lpad((1 + i % 50)::text, 4, '0')), (array['invite-made', 'account-changed', 'role-changed'])[1 + i % 3],
      (select audit_id::text from account where username = 'u' || lpad((1 + i % 900)::text, 4, '0')), '{}' from generate_series(1, ${LINES}) i`);
  for (const table of ['account', 'room', 'membership', 'ban', 'audit']) await run(`analyze ${table}`);
}

/** Every line once, in pages of `limit`. */
async function walk(path: string, list: string, limit: number, by: Person = ann): Promise<{ id: string | number }[]> {
  const lines: { id: string | number }[] = [];
  let cursor = '';
  do {
    const page = await there(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`, by);
    expect(page[list].length).toBeLessThanOrEqual(limit);
    lines.push(...page[list]);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
  return lines;
}

describe('the console of a busy site', () => {
  it('pages through rooms: hidden ones for administrators only, conversations of two for nobody', async () => {
    const count = async (where: string) => {
      const [row] = await database().rows<{ n: number }>(`select count(*)::int as n from room where ${where}`);
      return row?.n ?? -1;
    };
    const all = await walk('/api/moderation/rooms', 'rooms', 60);
    expect(all).toHaveLength(await count(`kind <> 'direct'`));
    expect(await walk('/api/moderation/rooms', 'rooms', 200, mod)).toHaveLength(await count(`kind in ('open', 'password')`));
    expect((await there('/api/moderation/rooms?kind=hidden', mod)).total).toBe(0);
    expect((await there('/api/moderation/rooms?kind=hidden&archived=false')).total).toBe(
      await count(`kind = 'hidden' and archived_at is null`),
    );
    expect((await get('/api/moderation/rooms?kind=direct')).status).toBe(400);
    expect((await there('/api/moderation/rooms?q=room%20199')).total).toBe(0); // a conversation of two
    const { rooms, total } = await there('/api/moderation/rooms?q=ROOM%20100');
    expect([total, rooms[0]]).toMatchObject([
      1,
      { name: 'Room 100', kind: 'open', owners: ['u0001'], members: 30, online: 0, archivedAt: 1 },
    ]);
    expect((await there('/api/moderation/rooms?q=%25')).total).toBe(0);
    expect((await get('/api/moderation/rooms', bob)).status).toBe(403);
  });

  it('pages through bans that hold, of the site and of rooms, by name', async () => {
    const bans = await walk('/api/moderation/bans', 'bans', 70);
    expect(bans).toHaveLength(ROOMS);
    expect(await walk('/api/moderation/bans', 'bans', 200, mod)).toHaveLength(ROOMS * 0.75); // hidden rooms are not hers to know of
    await act(world, ann, { act: 'ban', user: bob.id, reason: 'enough' });
    const { bans: found, total } = await there('/api/moderation/bans?q=BOB');
    expect([total, found[0]]).toMatchObject([1, { room: null, roomName: null, username: 'bob', reason: 'enough', by: 'ann', until: null }]);
    await act(world, ann, { act: 'unban', user: bob.id });
    bob.token = (await world.call('POST', '/api/auth/login', { username: 'bob', password: 'walnut under seven rivers' })).body.accessToken;
    expect((await get('/api/moderation/bans', bob)).status).toBe(403);
  });

  it('shows owners the bans of their rooms, and no others', async () => {
    const own = (await world.call('POST', '/api/rooms', { name: 'Bob’s own' }, bob.token)).body.id;
    await act(world, ann, { act: 'ban', room: own, user: mod.id });
    expect((await there('/api/moderation/bans', bob)).bans).toMatchObject([{ room: own, username: 'minna' }]);
    const [{ id }] = (await database().rows<{ id: string }>(`select id from room where name = 'Room 100'`)) as [{ id: string }];
    expect((await get(`/api/moderation/bans?room=${id}`, bob)).status).toBe(404);
    expect((await there(`/api/moderation/bans?room=${id}`)).total).toBe(1);
  });

  it('pages through the audit log, and searches it by a name', async () => {
    const { total, lines } = await there('/api/admin/audit');
    expect([total >= LINES, lines.length]).toEqual([true, 50]);
    expect((await there('/api/admin/audit?q=u0003')).total).toBe(LINES / 50);
    expect((await there('/api/admin/audit/check')).brokenAt).toBeNull();
  });

  it('pages through accounts and searches them', async () => {
    expect((await there('/api/admin/accounts?q=person%20999')).total).toBe(1);
    expect((await there('/api/admin/accounts?limit=200')).accounts).toHaveLength(200);
  });
});

describe('its queries', () => {
  const plan = async (sql: string, params: unknown[]) => {
    // What a table of this size is read by anyway says nothing: would an index do?
    const rows = await database().transaction(async (inside) => {
      await inside.run('set local enable_seqscan = off');
      return inside.rows<Record<string, string>>(`explain ${sql}`, params);
    });
    return rows.map((row) => Object.values(row)[0]).join('\n');
  };
  const indexed: [string, string, unknown[], RegExp][] = [
    ['a page of the log', 'select id from audit where id < $1 order by id desc limit 50', [9_000], /audit_pkey/],
    ['an act', 'select id from audit where act = $1 and id < $2 order by id desc limit 50', ['setup', 9_000], /audit_act/],
    ['a subject', 'select id from audit where subject = any($1::text[])', [['x']], /audit_subject/],
    ['an actor', 'select id from audit where actor = any($1::text[]::uuid[])', [[]], /audit_actor/],
    [
      'rooms',
      'select id from room where (created_at, id) > ($1::bigint, $2::uuid) order by created_at, id limit 50',
      [0, '00000000-0000-0000-0000-000000000000'],
      /room_age/,
    ],
    ['bans', 'select id from ban order by created_at desc, id desc limit 50', [], /ban_age/],
    ['a ban of somebody', 'select 1 from ban where account = $1', ['00000000-0000-0000-0000-000000000000'], /ban_account/],
    ['open reports', `select id from report where state = 'open' order by created_at desc, id desc limit 50`, [], /report_open/],
    [
      'what holds in a room',
      'select id from moderation_act where room = $1 and ended_at is null',
      ['00000000-0000-0000-0000-000000000000'],
      /moderation_act_room/,
    ],
    ['acts since', 'select id from moderation_act where id > $1 order by id limit 200', [5], /moderation_act_pkey/],
  ];
  it.each(indexed)('find %s by an index', async (_, sql, params, index) => {
    expect(await plan(sql, params)).toMatch(index);
  });
});
