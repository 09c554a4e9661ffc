import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../backend/src/config.ts';
import { Database } from '../../backend/src/database/database.ts';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';
import { eventually } from './free-port.ts';
import { RealPostgres } from './real-postgres.ts';

describe('a Postgres that is stopped at once while people talk', () => {
  let postgres: RealPostgres;
  let server: TestServer;
  let ann: NodePerson;
  let bob: NodePerson;

  const status = async (path: string) => (await fetch(server.origin + path)).status;
  const login = () =>
    fetch(`${server.origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ann', password: ann.password }),
    });

  beforeAll(async () => {
    postgres = await RealPostgres.start();
    server = await TestServer.start({ DATABASE_URL: await postgres.database() });
    ann = new NodePerson(server, 'ann');
    await ann.setUp('Lobby');
    bob = new NodePerson(server, 'bob');
    await bob.register((await ann.client.account.invite({ uses: 1 })).secret);
  });
  afterAll(async () => {
    ann?.stop();
    bob?.stop();
    await server?.stop();
    postgres?.remove();
  });

  it('leaves the server alive and saying so, and everything said meanwhile arrives once, in order (MSG8)', async () => {
    const [a, b] = [await ann.enter('Lobby'), await bob.enter('Lobby')];
    await until(a.roster, ({ members }) => members.length === 2 && members.every(({ joining }) => !joining));
    await a.say('before');
    await shows(b, ['before']);
    expect(await status('/readyz')).toBe(200);

    postgres.stop('immediate');
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(503);
    const refused = await login();
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'unavailable' });
    const words = Array.from({ length: 20 }, (_, i) => `while it was down ${i}`);
    for (const text of words) await a.say(text);
    // She is not told that the server holds what it could not store.
    expect(messagesOf(a).filter(({ text, state }) => words.includes(text) && state?.state !== 'waiting')).toEqual([]);

    postgres.start();
    await eventually('the server is ready again', async () => (await status('/readyz')) === 200);
    expect((await login()).status).toBe(200);
    await shows(b, ['before', ...words], 60_000);
    expect(textsOf(a)).toEqual(['before', ...words]);
    await until(a.timeline, () => messagesOf(a).every(({ state }) => state?.state === 'delivered' || state?.state === 'read'), 60_000);
  });

  it('outlives a session that is ended between two statements of a transaction', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-lab-'));
    const database = new Database(readConfig({ DATA_DIR: dataDir, DATABASE_URL: await postgres.database() }));
    await database.open();
    try {
      const broken = database.transaction(async (inside) => {
        const [own] = await inside.rows<{ pid: number }>('select pg_backend_pid() as pid');
        await database.rows('select pg_terminate_backend($1)', [own!.pid]);
        await new Promise((resolve) => setTimeout(resolve, 300)); // its end arrives while nobody waits for an answer
        await inside.rows('select 1');
      });
      await expect(broken).rejects.toMatchObject({ code: 'unavailable' });
      await expect(database.rows('select 1 as one')).resolves.toEqual([{ one: 1 }]);
    } finally {
      await database.onApplicationShutdown();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
