import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';
import { isCommon } from './common-passwords.ts';

let world: World;
let before: unknown[];
let ann: Person;
beforeAll(async () => {
  world = await World.open();
  before = await database().rows('select 1 from account');
  ann = await world.first('ann');
});
afterAll(() => world.close());
afterEach(() => vi.useRealTimers());

const database = () => world.server.app.get(Database);
const login = async (password: string) => {
  await database().run('delete from guess');
  return (await world.call('POST', '/api/auth/login', { username: 'ann', password })).status;
};
const change = async (current: string, password: string) =>
  (await world.call('PUT', '/api/me/password', { current, password }, ann.token)).status;

describe('a password', () => {
  it('is nobody’s at first: a new server has no account at all', async () => {
    expect(before).toEqual([]);
    for (const username of ['admin', 'root', 'administrator', 'conclave']) {
      await database().run('delete from guess');
      expect((await world.call('POST', '/api/auth/login', { username, password: username })).status).toBe(401);
    }
  });

  it('is compared whole: up to 256 characters, their case, and the spaces around them', async () => {
    const long = ` ${'雨 Wälder unter Flüssen '.repeat(20)}`.slice(0, 255) + '!';
    expect([long.length, Buffer.byteLength(long) > 256, await change(PASSWORD, long)]).toEqual([256, true, 204]);
    expect(await login(long)).toBe(200);
    for (const other of [long.slice(0, -1), `${long.slice(0, -1)}?`, long.slice(0, 72), long.toUpperCase(), long.trim(), PASSWORD])
      expect([other, await login(other)]).toEqual([other, 401]);
    expect(await login(long.normalize('NFD'))).toBe(200); // the same letters from another keyboard: all that is ever changed
    expect(await change(long, `${long}x`)).toBe(400);
    expect(await change(long, PASSWORD)).toBe(204);
  });

  it('is good for as long as nobody changes it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 5 * 365 * 24 * 3_600_000);
    expect(await login(PASSWORD)).toBe(200);
  });

  it('may be of any letters, digits or signs, as long as it was not guessed first', async () => {
    for (const good of ['4471902853670218', 'ᚠᚢᚦᚨᚱᚲᚷᚹᚺᚾᛁᛃᛇᛈᛉᛊ', '!?%&/()=+*#§$€<>|'])
      expect([good, isCommon(good, 'ann')]).toEqual([good, false]);
    for (const bad of ['1234567812345678', '2019202020212022', '1111222233334444'])
      expect([bad, isCommon(bad, 'ann')]).toEqual([bad, true]);
  });

  it('is not made of the words of docs/authorization.md, nor of one’s own name', async () => {
    for (const bad of ['conclave conclave', 'Conclave-Chat-2026', 'company_chat_admin', 'C0mpany W3lcome!!', 'administrator 2025'])
      expect([bad, isCommon(bad, 'ann')]).toEqual([bad, true]);
    expect([isCommon('marigold-marigold', 'marigold'), isCommon('Marigold 2026 password', 'marigold')]).toEqual([true, true]);
    expect(isCommon('Marigold 2026 password', 'ann')).toBe(false);
    expect(await change(PASSWORD, 'Conclave-Chat-2026')).toBe(400);
  }); // prettier-ignore
});
