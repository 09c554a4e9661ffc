import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';

/*
 * Who writes to the audit log holds its lock until the commit. Whoever changed anything else after it could wait for a row that somebody holds who
 * waits for the log. Here every table but the log refuses to be changed once the lock is held.
 */
let world: World;
let ann: Person;
let bob: Person;
let database: Database;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
  database = world.server.app.get(Database);
  const room = (await world.call('POST', '/api/rooms', { name: 'Shared' }, bob.token)).body.id;
  await world.call('POST', `/api/rooms/${room}/join`, {}, ann.token);
  await database.run(`update room set for_role = 'vip' where id = $1`, [room]);
  await database.run(`create function audit_is_last() returns trigger language plpgsql as $$
    begin
      if exists (select 1 from pg_locks where locktype = 'advisory' and objid = 7201 and pid = pg_backend_pid()) then
        raise exception '% was changed after the audit log was written', tg_table_name;
      end if;
      return null;
    end $$`);
  await database.run(`do $$
    declare name text;
    begin
      for name in select tablename from pg_tables where schemaname = current_schema() and tablename <> 'audit' loop
        execute format('create trigger audit_is_last after insert or update or delete on %I for each statement execute function audit_is_last()', name);
      end loop;
    end $$`);
});
afterAll(() => world.close());

const admin = (method: string, path: string, body?: unknown) => world.call(method, `/api/admin/accounts/${bob.id}${path}`, body, ann.token);
const acts = async () =>
  (await database.rows<{ act: string }>('select act from audit order by id desc limit 3')).map(({ act }) => act).reverse();

describe('the line in the audit log', () => {
  it('comes after all that a changed account changes, its rooms too', async () => {
    expect((await admin('PATCH', '', { vip: true })).status).toBe(200);
    expect((await admin('PATCH', '', { displayName: 'Robert', vip: false, role: 'moderator' })).status).toBe(200);
    expect(
      await database.rows('select 1 from membership where account = $1 and room in (select id from room where for_role is not null)', [
        bob.id,
      ]),
    ).toEqual([]);
    expect(await acts()).toEqual(['account-changed', 'account-changed', 'role-changed']);
  });

  it('comes after the sessions that a lock ends', async () => {
    await world.call('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    expect((await admin('POST', '/lock', { reason: '' })).status).toBe(200);
    expect((await admin('POST', '/unlock')).status).toBe(200);
    expect((await acts()).slice(1)).toEqual(['account-locked', 'account-unlocked']);
  });

  it('comes after the end of a session or a device', async () => {
    await world.call('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    const [session] = (await admin('GET', '/sessions')).body;
    expect((await admin('DELETE', `/sessions/${session.id}`)).status).toBe(204);
    await world.call('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    expect((await admin('DELETE', '/sessions')).status).toBe(204);
    expect((await admin('DELETE', `/devices/${bob.keys.device}`)).status).toBe(204);
    expect(await acts()).toEqual(['session-ended', 'session-ended', 'device-removed']);
  });

  it('comes after the account is gone, and names it as before', async () => {
    await world.call('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    await database.run('insert into block (account, blocked, since) values ($1, $2, 0)', [ann.id, bob.id]);
    const [known] = await database.rows<{ id: string }>('select audit_id::text as id from account where id = $1', [bob.id]);
    expect((await admin('DELETE', '')).status).toBe(204);
    const [line] = await database.rows('select actor is not null as "byAnn", act, subject from audit order by id desc limit 1');
    expect(line).toEqual({ byAnn: true, act: 'account-deleted', subject: known?.id });
  });
});
