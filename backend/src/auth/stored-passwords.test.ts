import { afterEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../database/database.ts';
import { PASSWORD, World } from '../testing/world.ts';
import { Passwords } from './passwords.service.ts';
import { StoredPasswords } from './stored-passwords.service.ts';

const OTHER = 'seven rivers under walnut';
let world: World;
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

const database = () => world.server.app.get(Database);
const login = (username = 'ann', password = PASSWORD) => world.call('POST', '/api/auth/login', { username, password });
const hashOf = async (username: string) =>
  (await database().rows<{ hash: string }>('select password_hash as hash from account where username = $1', [username]))[0]?.hash ?? '';
/** Does this after the next password was compared, before anything is done about it. */
function afterComparing(act: () => Promise<unknown>): void {
  const passwords = world.server.app.get(Passwords);
  const verify = passwords.verify.bind(passwords);
  vi.spyOn(passwords, 'verify').mockImplementationOnce(async (password, hash) => {
    const right = await verify(password, hash);
    await act();
    return right;
  });
}

describe('a login in flight', () => {
  it('ends with the password it was made with: changed, reset, or taken away', async () => {
    world = await World.open();
    const { token, id } = await world.first('ann');
    const sessions = async () => (await database().rows('select 1 from session where account = $1 and ended_at is null', [id])).length;
    afterComparing(() => world.call('PUT', '/api/me/password', { current: PASSWORD, password: OTHER }, token));
    const { status, body } = await login();
    expect([status, body, await sessions()]).toEqual([401, (await login('nobody')).body, 1]);
    expect((await login('ann', OTHER)).status).toBe(200);
    const { secret } = (await world.call('POST', `/api/admin/accounts/${id}/reset`, {}, token)).body;
    await database().run('delete from guess');
    afterComparing(() => world.call('POST', '/api/auth/reset', { secret, password: PASSWORD }));
    expect([(await login('ann', OTHER)).status, await sessions()]).toEqual([401, 1]);
    afterComparing(() => database().run('update account set password_hash = null'));
    expect([(await login()).status, await sessions()]).toEqual([401, 1]);
  });

  it('says that the account was locked to who still knows its password only', async () => {
    world = await World.open();
    await world.first('ann');
    afterComparing(() => database().run('update account set locked_at = 1'));
    expect((await login()).body.code).toBe('account-locked');
    await database().run('update account set locked_at = null');
    afterComparing(() => database().run(`update account set locked_at = 1, password_hash = 'another'`));
    expect((await login()).body.code).toBe('bad-credentials');
  });
});

describe('another BCRYPT_COST', () => {
  it('is that of each password from its next login on, and of unknown names once most have it', async () => {
    world = await World.open();
    await world.first('ann');
    await world.person('bob');
    await world.person('carl');
    await world.close(true);
    world = await World.open({ BCRYPT_COST: '5' }, world.dir);
    const passwords = () => world.server.app.get(Passwords);
    const settled = () => world.server.app.get(StoredPasswords).settled();
    expect(passwords().imitated).toBe(4);
    expect((await login('ann', 'wrong')).status).toBe(401);
    await settled();
    expect(await hashOf('ann')).toMatch(/^\$2b\$04\$/);
    for (const name of ['ann', 'bob']) {
      expect((await login(name)).status).toBe(200);
      await settled();
      expect([await hashOf(name), (await login(name)).status]).toEqual([expect.stringMatching(/^\$2b\$05\$/), 200]);
    }
    expect(await hashOf('carl')).toMatch(/^\$2b\$04\$/);
    await world.close(true);
    world = await World.open({ BCRYPT_COST: '4' }, world.dir);
    expect(passwords().imitated).toBe(5);
  });

  it('brings back no password that was changed meanwhile, and turns away none of two who sign in at once', async () => {
    world = await World.open();
    await world.first('ann');
    const old = await hashOf('ann');
    await world.close(true);
    world = await World.open({ BCRYPT_COST: '5' }, world.dir);
    const stored = world.server.app.get(StoredPasswords);
    const [{ id }] = (await database().rows<{ id: string }>('select id from account')) as [{ id: string }];
    await database().run(`update account set password_hash = 'another'`);
    stored.renew({ id, hash: old }, PASSWORD);
    await stored.settled();
    expect(await hashOf('ann')).toBe('another');
    await database().run('update account set password_hash = $1', [old]);
    afterComparing(async () => {
      stored.renew({ id, hash: old }, PASSWORD);
      await stored.settled();
    });
    expect([(await login()).status, await hashOf('ann')]).toEqual([200, expect.stringMatching(/^\$2b\$05\$/)]);
  });
});
