import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { World, type Answer } from '../testing/world.ts';

/* Of an account without a password the sign-in itself has to be fresh, before anything that gives it a door or takes it away. */
const NEW = 'seven rivers under walnut';
let world: World;
beforeAll(async () => {
  world = await World.open({ GUESTS: 'on' });
  await world.first('ann');
});
afterAll(() => world.close());

const run = (sql: string, params: unknown[]) => world.server.app.get(Database).run(sql, params);
const age = (account: string, minutes: number) =>
  run('update session set created_at = $1 where account = $2', [Date.now() - minutes * 60_000, account]);
const said = ({ status, body }: Answer) => [status, body.reason];
const stale = [403, 'sign-in-again'];

describe('a browser that was left open, of an account without a password', () => {
  it('sets no first password after a quarter of an hour, and so makes no passkey either', async () => {
    const bob = await world.person('bob');
    await run('update account set password_hash = null where id = $1', [bob.id]);
    await age(bob.id, 16);
    const set = () => world.call('PUT', '/api/me/password', { password: NEW }, bob.token);
    expect([said(await set()), said(await world.call('POST', '/api/me/passkeys/options', {}, bob.token))]).toEqual([stale, stale]);
    await age(bob.id, 14);
    expect((await set()).status).toBe(204);
    expect((await world.call('POST', '/api/auth/login', { username: 'bob', password: NEW })).status).toBe(200);
  });

  it('takes no account away after a quarter of an hour; a guest who has just come may go', async () => {
    const { user, accessToken } = (await world.call('POST', '/api/auth/guest', { name: 'Gus' })).body;
    const go = () => world.call('POST', '/api/me/deletion', { username: user.username }, accessToken);
    await age(user.id, 16);
    expect(said(await go())).toEqual(stale);
    await age(user.id, 14);
    expect((await go()).status).toBe(204);
  });
});
