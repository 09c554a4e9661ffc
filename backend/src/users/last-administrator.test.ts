import { afterAll, beforeAll, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Answer, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
});
afterAll(() => world.close());

const said = ({ status, body }: Answer) => [status, body.reason];
const refused = [409, 'last-admin'];

it('is the last who can sign in: one without a password or a passkey, or locked, is none', async () => {
  const run = (sql: string, params: unknown[]) => world.server.app.get(Database).run(sql, params);
  const change = (id: string, role: string) => world.call('PATCH', `/api/admin/accounts/${id}`, { role }, ann.token);
  const made = await world.call('POST', '/api/admin/accounts', { username: 'second', role: 'admin' }, ann.token);
  const { id } = made.body;
  expect(said(await change(ann.id, 'user'))).toEqual(refused);
  expect(said(await world.call('POST', `/api/admin/accounts/${ann.id}/lock`, {}, ann.token))).toEqual(refused);
  expect(said(await world.call('POST', '/api/me/deletion', { username: 'ann', password: PASSWORD }, ann.token))).toEqual(refused);
  expect((await world.call('POST', '/api/auth/reset', { secret: made.body.reset.secret, password: PASSWORD })).status).toBe(200);
  await run('update account set locked_at = 1 where id = $1', [id]);
  expect(said(await change(ann.id, 'user'))).toEqual(refused);
  await run('update account set locked_at = null, password_hash = null where id = $1', [id]);
  expect(said(await change(ann.id, 'user'))).toEqual(refused);
  await run(
    `insert into passkey (id, account, public_key, counter, transports, name, backed_up, created_at) values ('AAAA', $1, '', 0, '{}', 'Key', false, 0)`,
    [id],
  );
  expect((await change(ann.id, 'user')).status).toBe(200);
});
