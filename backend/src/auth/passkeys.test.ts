import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Authenticator } from '../testing/authenticator.ts';
import { PASSWORD, World, type Answer, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const run = (sql: string, params: unknown[] = []) => world.server.app.get(Database).run(sql, params);
const ask = async (path: string, body: object, token?: string) => (await world.call('POST', `${path}/options`, body, token)).body.options;
const creation = (token: string) => ask('/api/me/passkeys', { password: PASSWORD }, token);
const request = () => ask('/api/auth/passkey', {});
const add = (token: string, response: object, name = 'Key') => world.call('POST', '/api/me/passkeys', { name, response }, token);
const login = (response: object) => world.call('POST', '/api/auth/passkey', { response });
const codeOf = ({ status, body }: Answer) => [status, body.code];

async function keyOf(person: Person): Promise<Authenticator> {
  const key = new Authenticator(world.origin);
  const added = await add(person.token, key.create(await creation(person.token)));
  expect([added.status, added.body]).toEqual([201, expect.objectContaining({ id: key.id, name: 'Key', lastUsedAt: null })]);
  return key;
}

describe('a passkey (ACC8)', () => {
  it('asks for a discoverable key that its holder unlocked, with a secret for the local lock', async () => {
    const options = await creation(ann.token);
    expect(options).toMatchObject({
      rp: { id: '127.0.0.1', name: 'Conclave' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      extensions: { prf: {} },
    });
    expect(await request()).toMatchObject({ rpId: '127.0.0.1', userVerification: 'required', extensions: { prf: {} } });
    const { id } = await keyOf(ann);
    expect((await creation(ann.token)).excludeCredentials).toEqual([expect.objectContaining({ id })]);
  });

  it('signs in without a name and a password, as often as it is asked', async () => {
    const key = await keyOf(bob);
    for (let i = 0; i < 2; i++) {
      const answer = await login(key.get(await request()));
      expect([answer.status, answer.body.user.username]).toEqual([200, 'bob']);
      const sessions = await world.call('GET', '/api/me/sessions', undefined, answer.body.accessToken);
      expect(sessions.body.find(({ current }: { current: boolean }) => current).method).toBe('passkey');
    }
    const [line] = (await world.call('GET', '/api/me/passkeys', undefined, bob.token)).body;
    expect(line.lastUsedAt).toBeGreaterThan(0);
  });

  it('answers a question once, also when two race', async () => {
    const key = await keyOf(ann);
    const answer = key.get(await request(), { counter: 0 }); // as most do: only the question makes it one use
    expect((await Promise.all([login(answer), login(answer), login(answer)])).map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      200, 401, 401,
    ]);
    const options = await creation(ann.token);
    const two = [new Authenticator(world.origin), new Authenticator(world.origin)].map((made) => made.create(options));
    const both = await Promise.all(two.map((created) => add(ann.token, created)));
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 401]);
    const again = await add(bob.token, key.create(await creation(bob.token)));
    expect([...codeOf(again), again.body.reason]).toEqual([409, 'conflict', 'passkey-known']);
  });

  it('is refused from another page, to another site, without unlocking, by a copy, for another person, or to another’s question', async () => {
    const key = await keyOf(bob);
    const flaws = [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { verified: false },
      { userHandle: Buffer.alloc(16).toString('base64url') },
      { challenge: Buffer.alloc(32).toString('base64url') },
      { challenge: (await creation(bob.token)).challenge as string },
    ];
    for (const flaw of flaws)
      expect([flaw, ...codeOf(await login(key.get(await request(), flaw)))]).toEqual([flaw, 401, 'bad-credentials']);
    expect((await login(key.get(await request()))).status).toBe(200);
    expect((await login(key.get(await request(), { counter: 1 }))).body).toMatchObject({ code: 'bad-credentials', reason: 'passkey' });
    expect(codeOf(await login(new Authenticator(world.origin).get(await request())))).toEqual([401, 'bad-credentials']);
    for (const flaw of [...flaws.slice(0, 3), { challenge: (await creation(ann.token)).challenge as string }]) {
      const made = new Authenticator(world.origin).create(await creation(bob.token), flaw);
      expect([flaw, ...codeOf(await add(bob.token, made))]).toEqual([flaw, 400, 'bad-request']);
    }
  });

  it('answers what is no passkey with 4xx', async () => {
    const good = new Authenticator(world.origin).create(await creation(ann.token));
    for (const bad of [
      {},
      { ...good, id: 1 },
      { ...good, response: null },
      { ...good, response: { clientDataJSON: 'e30' } },
      { ...good, type: [] },
    ]) {
      expect((await add(ann.token, bad)).status).toBe(400);
      expect((await login(bad)).status).toBe(401);
    }
    expect((await add(ann.token, good, ' ')).status).toBe(400);
    expect((await world.call('POST', '/api/auth/passkey', { response: { id: 'a\0' } })).status).toBe(400);
  });

  it('is renamed and removed by its owner only, and the last way in stays', async () => {
    const carl = await world.person('carl');
    const key = await keyOf(carl);
    const path = `/api/me/passkeys/${key.id}`;
    const missing = await world.call('DELETE', '/api/me/passkeys/AAAA', undefined, ann.token);
    expect((await world.call('DELETE', path, undefined, ann.token)).body).toEqual(missing.body);
    expect((await world.call('PATCH', path, { name: 'Hers' }, ann.token)).status).toBe(404);
    expect((await world.call('PATCH', path, { name: 'Phone' }, carl.token)).status).toBe(204);
    expect((await world.call('GET', '/api/me/passkeys', undefined, carl.token)).body).toEqual([expect.objectContaining({ name: 'Phone' })]);
    const session = (await login(key.get(await request()))).body.accessToken as string;
    await run('update account set password_hash = null where id = $1', [carl.id]);
    for (const origin of ['handoff', 'local']) {
      await run('update account set origin = $2 where id = $1', [carl.id, origin]); // no site hands over here
      const last = await world.call('DELETE', path, undefined, session); // the key of carl's device does not count
      expect([...codeOf(last), last.body.reason]).toEqual([409, 'conflict', 'last-door']);
    }
    expect((await world.call('PUT', '/api/me/password', { password: 'seven rivers under walnut' }, session)).status).toBe(204);
    expect((await world.call('DELETE', path, undefined, session)).status).toBe(204);
    expect(codeOf(await login(key.get(await request())))).toEqual([401, 'bad-credentials']);
  });

  it('opens no locked account, and says so to who holds it', async () => {
    const dora = await world.person('dora');
    const key = await keyOf(dora);
    await run('update account set locked_at = 1 where id = $1', [dora.id]);
    expect(codeOf(await login(key.get(await request())))).toEqual([403, 'account-locked']);
    expect(codeOf(await login(key.get(await request(), { verified: false })))).toEqual([401, 'bad-credentials']);
  });

  it('is made by its owner only, not by who finds a browser open', async () => {
    const fred = await world.person('fred');
    const options = (body: object) => world.call('POST', '/api/me/passkeys/options', body, fred.token);
    expect(codeOf(await options({}))).toEqual([401, 'bad-credentials']);
    expect(codeOf(await options({ password: `${PASSWORD}s` }))).toEqual([401, 'bad-credentials']);
    expect((await options({ password: PASSWORD })).status).toBe(200);
    await run('update account set password_hash = null where id = $1', [fred.id]);
    expect((await options({})).status).toBe(200);
    await run('update session set created_at = $1 where account = $2', [Date.now() - 16 * 60_000, fred.id]);
    const late = await options({});
    expect([late.status, late.body.reason]).toEqual([403, 'sign-in-again']);
  });

  it('stops at twenty of one account, also when many are added at once', async () => {
    const eve = await world.person('eve');
    const made: object[] = []; // one after another: a password each, and the hasher refuses a crowd
    for (let i = 0; i < 23; i++) made.push(new Authenticator(world.origin).create(await creation(eve.token)));
    const answers = await Promise.all(made.map((response) => add(eve.token, response)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const full = await world.call('POST', '/api/me/passkeys/options', { password: PASSWORD }, eve.token);
    expect([...codeOf(full), full.body.reason]).toEqual([409, 'conflict', 'passkeys-full']);
    expect(answers.filter(({ body }) => body.reason === 'passkeys-full')).toHaveLength(3);
  });
});

describe('the site of a passkey', () => {
  it('is PUBLIC_URL’s, and its pages those that may open a socket', async () => {
    const own = await World.open({ PUBLIC_URL: 'https://chat.example.org', ALLOWED_ORIGINS: 'https://m.chat.example.org' });
    const { token } = await own.first();
    const options = async () => (await own.call('POST', '/api/me/passkeys/options', { password: PASSWORD }, token)).body.options;
    expect((await options()).rp.id).toBe('chat.example.org');
    for (const [origin, status] of [
      ['https://m.chat.example.org', 201],
      [own.origin, 400],
    ] as const) {
      const response = new Authenticator(origin).create(await options());
      expect([origin, (await own.call('POST', '/api/me/passkeys', { name: 'Key', response }, token)).status]).toEqual([origin, status]);
    }
    await own.close();
  });
});
