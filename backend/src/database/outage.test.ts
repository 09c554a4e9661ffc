import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { chownSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Member } from '../testing/member.ts';
import { freshDir } from '../testing/place.ts';
import { World } from '../testing/world.ts';

/*
 * A Postgres of its own, stopped at once and started again under a running server. Real: everything. Where no Postgres is installed
 * this file has nothing to stop; the rest of the suite runs on the embedded database.
 */
const root = '/usr/lib/postgresql';
const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
const bin = versions[0] === undefined ? null : join(root, versions[0], 'bin');
const asRoot = process.getuid?.() === 0;
let data: string;
let port: number;
let postgres: ChildProcess;
let world: World;
let ann: Member;
let bob: Member;
let room: string;

/** Postgres refuses to run as root. */
const command = (program: string, args: string[]): [string, string[]] =>
  asRoot ? ['runuser', ['-u', 'postgres', '--', join(bin!, program), ...args]] : [join(bin!, program), args];

function run(program: string, args: string[]): void {
  const [file, all] = command(program, args);
  const { status, stderr } = spawnSync(file, all, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startPostgres(): Promise<void> {
  const [file, args] = command('postgres', ['-D', data, '-p', String(port), '-k', data, '-c', 'listen_addresses=127.0.0.1']);
  postgres = spawn(file, args, { stdio: 'ignore' });
  const ready = (): boolean => {
    const [file, args] = command('pg_isready', ['-q', '-h', '127.0.0.1', '-p', String(port)]);
    return spawnSync(file, args).status === 0;
  };
  for (let tries = 0; !ready(); tries++) {
    if (tries > 100) throw new Error('Postgres does not start');
    await sleep(100);
  }
}

async function stopPostgres(): Promise<void> {
  const ended = new Promise((resolve) => postgres.once('exit', resolve));
  run('pg_ctl', ['-D', data, '-m', 'immediate', '-W', 'stop']);
  await ended;
}

beforeAll(async () => {
  if (!bin) return;
  data = mkdtempSync(join(tmpdir(), 'conclave-pg-'));
  if (asRoot) chownSync(data, Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout), -1);
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
  port = await freePort();
  await startPostgres();
  world = await World.open({ DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` }, await freshDir());
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob');
  room = (await ann.call('GET', '/api/rooms')).body.rooms[0].id;
  await ann.join(room);
  await bob.join(room);
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
}, 120_000);

afterAll(async () => {
  if (!bin) return;
  await world.close();
  await stopPostgres();
  rmSync(data, { recursive: true, force: true });
});

describe.runIf(bin)('a Postgres that is stopped at once', () => {
  it('is answered with 503 and refusals until it is back, and then nothing is lost', async () => {
    await stopPostgres();
    const asked: [string, string, unknown?][] = [
      ['GET', '/api/rooms'],
      ['POST', '/api/rooms', { name: 'Never' }],
      ['GET', '/api/me/devices'],
      ['POST', '/api/auth/login', { username: 'ann', password: 'x' }],
      ['POST', '/api/auth/ticket'],
      ['POST', `/api/rooms/${room}/leave`],
    ];
    for (const [method, path, body] of asked) {
      const answer = await ann.call(method, path, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 503, 'unavailable']);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect((await world.call('GET', '/readyz')).status).toBe(503);
    expect((await world.call('GET', '/healthz')).status).toBe(200);
    const ciphertext = await ann.send(room, 'kept by its author', [bob]);
    const refused = await ann.client.next('refused');
    expect(refused).toMatchObject({ n: 1, code: 'unavailable', retryAfterMs: 1_000 });
    ann.client.say({ type: 'drain', room, after: 0 });
    expect((await ann.client.next('error')).code).toBe('unavailable');
    // Passed on at once all the same; what he acknowledges now is stored later.
    const { eid } = await bob.read();
    bob.client.say({ type: 'acknowledge', room, eids: [eid], commits: [] });
    bob.client.say({ type: 'ping' });
    await bob.client.next('pong');

    await startPostgres();
    ann.hand(room, ciphertext, [bob], 1);
    expect(await ann.client.next('held')).toMatchObject({ n: 1, eid });
    expect((await world.call('GET', '/readyz')).status).toBe(200);
    expect((await ann.call('GET', '/api/rooms')).body.mine).toContain(room);
    await Promise.all([ann.client, bob.client].map((client) => (client.say({ type: 'ping' }), client.next('pong'))));
  }, 120_000);
});
