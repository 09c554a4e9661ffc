import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ISSUER, seconds, Site } from '../../backend/src/testing/site.ts';
import { makeAccount, makeDevice, World } from '../../backend/src/testing/world.ts';
import { RealPostgres } from './real-postgres.ts';

/* Two servers over one Postgres, with the same keys beside them: what one knows, the other knows too (ACC10). */
describe('single sign-on over two servers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-two-'));
  const site = new Site();
  let postgres: RealPostgres;
  let here: World;
  let there: World;

  beforeAll(async () => {
    postgres = await RealPostgres.start();
    const environment = site.environment({ DATABASE_URL: await postgres.database() });
    here = await World.open(environment, dir);
    await here.first('ann');
    there = await World.open(environment, dir);
  });
  afterAll(async () => {
    await there?.close(true);
    await here?.close(true);
    postgres?.remove();
    rmSync(dir, { recursive: true, force: true });
  });
  const hand = (world: World, jwt: string) => world.call('POST', '/api/auth/handoff', { jwt });

  it('takes a token once, raced a hundred ways over both', async () => {
    for (let round = 0; round < 5; round++) {
      const jwt = await site.token({ sub: `dora-${round}` });
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => hand(i % 2 ? here : there, jwt)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ body }) => body.reason === 'used')).toHaveLength(99);
    }
  });

  it('makes one account of one person who comes to both at once, and never two of one name', async () => {
    const same = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => hand(i % 2 ? here : there, await site.token({ sub: 'emil' }))),
    );
    expect(same.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(same.map(({ body }) => body.user.id)).size).toBe(1);
    const alike = await Promise.all(
      ['Finn', 'finn', 'FINN', 'fínn', 'finn '].map(async (sub, i) => hand(i % 2 ? here : there, await site.token({ sub }))),
    );
    expect(new Set(alike.map(({ body }) => body.user.username)).size).toBe(5);
  });

  it('revokes at one what was opened at the other: session, socket within two seconds, and every token of before', async () => {
    const waiting = await site.token({ sub: 'gail', iat: seconds() - 2 });
    const { user, accessToken } = (await hand(there, await site.token({ sub: 'gail', iat: seconds() - 2 }))).body;
    const keys = await makeDevice(user.id, await makeAccount());
    const gail = { id: user.id, token: accessToken, cookie: '', keys, username: 'gail' };
    expect((await there.enrol(gail, keys)).status).toBe(204);
    const client = await there.connect(gail);
    const path = `/api/handoff/subjects/${encodeURIComponent(ISSUER)}/gail`;
    const scoped = await here.call('POST', '/api/admin/tokens', { name: 'site', scopes: ['handoff:write'] }, here.admin.token);
    const began = Date.now();
    expect((await here.call('DELETE', path, undefined, scoped.body.secret)).status).toBe(204);
    expect((await there.call('GET', '/api/rooms', undefined, accessToken)).body.code).toBe('session-ended');
    expect((await hand(there, waiting)).body.reason).toBe('revoked');
    await client.closed;
    expect(Date.now() - began).toBeLessThan(2_000);
    expect((await hand(there, await site.token({ sub: 'gail', iat: seconds() + 1 }))).body.user.id).toBe(user.id);
  });
});
