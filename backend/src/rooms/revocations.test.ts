import { afterEach, describe, expect, it } from 'vitest';
import { toBase64url } from '../../../libs/protocol/src/index.ts';
import { Passkeys } from '../auth/passkeys.service.ts';
import { Passwords } from '../auth/passwords.service.ts';
import { Database } from '../database/database.ts';
import { Authenticator } from '../testing/authenticator.ts';
import { signingDevice } from '../testing/signing-device.ts';
import { ISSUER, seconds, Site } from '../testing/site.ts';
import { PASSWORD, World, type Answer } from '../testing/world.ts';
import { Devices } from '../users/devices.service.ts';

/* What a revocation by the site leaves of somebody (ACC10): beside its tokens, the doors that they made themselves. */
const site = new Site();
let world: World;
afterEach(() => world?.close());

async function open(): Promise<string> {
  world = await World.open(site.environment());
  const { token } = await world.first('ann');
  return (await world.call('POST', '/api/admin/tokens', { name: 'the site', scopes: ['handoff:write'] }, token)).body.secret;
}
const come = async (claims: Record<string, unknown> = {}): Promise<Answer> =>
  world.call('POST', '/api/auth/handoff', { jwt: await site.token(claims) });
const rows = <T>(sql: string, params: unknown[] = []): Promise<T[]> => world.server.app.get(Database).rows<T>(sql, params);
const revoke = (sub: string, token: string) =>
  world.call('DELETE', `/api/handoff/subjects/${encodeURIComponent(ISSUER)}/${sub}`, undefined, token);

/** Somebody whom the site sent and who then made every other door; the last is a one-time link, good once. */
async function withDoors(sub: string): Promise<{ id: string; doors: (() => Promise<Answer>)[] }> {
  const { accessToken, user } = (await come({ sub, iat: seconds() - 2 })).body;
  const device = await signingDevice(user.id);
  const person = { id: user.id, token: accessToken, cookie: '', keys: device.keys, username: sub };
  expect((await world.enrol(person, device.keys)).status).toBe(204);
  const made = (await world.call('POST', '/api/me/passkeys/options', {}, accessToken)).body.options;
  const key = new Authenticator(world.origin);
  expect((await world.call('POST', '/api/me/passkeys', { name: 'Key', response: key.create(made) }, accessToken)).status).toBe(201);
  // While the site hands over, its word is a door: the last passkey may go.
  expect((await world.call('DELETE', `/api/me/passkeys/${key.id}`, undefined, accessToken)).status).toBe(204);
  const again = (await world.call('POST', '/api/me/passkeys/options', {}, accessToken)).body.options;
  expect((await world.call('POST', '/api/me/passkeys', { name: 'Key', response: key.create(again) }, accessToken)).status).toBe(201);
  expect((await world.call('PUT', '/api/me/password', { password: PASSWORD }, accessToken)).status).toBe(204);
  const byPassword = () => world.call('POST', '/api/auth/login', { username: user.username, password: PASSWORD });
  const byPasskey = async () => {
    const { options } = (await world.call('POST', '/api/auth/passkey/options', {})).body;
    return world.call('POST', '/api/auth/passkey', { response: key.get(options) });
  };
  return { id: user.id, doors: [byPassword, byPasskey, () => device.login(world)] };
}

describe('somebody whom the site revokes', () => {
  it('loses the password, passkeys and devices that they added, and nobody else does: the site alone opens the account again', async () => {
    const token = await open();
    const [dora, emil] = [await withDoors('dora'), await withDoors('emil')];
    for (const door of dora.doors) expect((await door()).status).toBe(200);
    expect((await revoke('dora', token)).status).toBe(204);
    for (const door of dora.doors) expect([(await door()).status]).toEqual([expect.toBeOneOf([401, 403])]);
    for (const door of emil.doors.slice(0, 3)) expect((await door()).status).toBe(200);
    const [left] = await rows<object>(
      `select password_hash as hash, (select count(*)::int from passkey where account = $1) as passkeys,
         (select count(*)::int from device where account = $1 and revoked_at is null) as devices,
         (select count(*)::int from reset_link where account = $1) as links,
         (select count(*)::int from session where account = $1 and ended_at is null) as sessions from account where id = $1`,
      [dora.id],
    );
    expect(left).toEqual({ hash: null, passkeys: 0, devices: 0, links: 0, sessions: 0 });
    expect((await come({ iat: seconds() + 1 })).body.user.id).toBe(dora.id);
  });

  it('makes no door by a request that was under way', async () => {
    const token = await open();
    const { accessToken, user, session } = (await come({ iat: seconds() - 2 })).body;
    const { options } = (await world.call('POST', '/api/me/passkeys/options', {}, accessToken)).body;
    const passwords = world.server.app.get(Passwords);
    const hash = passwords.hash.bind(passwords);
    passwords.hash = async (...job) => {
      await revoke('dora', token);
      return hash(...job);
    };
    const late = await world.call('PUT', '/api/me/password', { password: PASSWORD }, accessToken);
    expect([late.status, late.body.code]).toEqual([401, 'session-ended']);
    expect(await rows('select 1 from account where id = $1 and password_hash is null', [user.id])).toHaveLength(1);
    const ended = { code: 'session-ended' };
    const caller = { user: user.id, session, role: 'user', device: null } as const;
    const site = { id: '127.0.0.1', name: 'Conclave', origins: [world.origin] };
    const response = new Authenticator(world.origin).create(options);
    await expect(world.server.app.get(Passkeys).add(caller, { name: 'Key', response }, site)).rejects.toMatchObject(ended);
    const { keys } = await signingDevice(user.id);
    const [deviceKey, accountKey, signature] = [keys.deviceKey, keys.accountKey, keys.signature].map(toBase64url) as [
      string,
      string,
      string,
    ];
    const request = { deviceKey, accountKey, signature, name: 'Late' };
    await expect(world.server.app.get(Devices).enrol(caller, keys.device, request)).rejects.toMatchObject(ended);
  });
});
