import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Member } from '../testing/member.ts';
import { discard, environmentOf, freshDir } from '../testing/place.ts';
import { World } from '../testing/world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const START_MS = 45_000;
let dir: string;
let built: string;
let server: ChildProcess | null = null;
const running = new Set<ChildProcess>();

/** Into a folder of its own: others may be running what stands in dist/. */
function build(): string {
  const out = mkdtempSync(join(tmpdir(), 'conclave-built-'));
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(out, name));
  const compile = [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'backend', '--outDir', out, '--incremental', 'false'];
  const { stdout, status } = spawnSync(process.execPath, [...compile, '--tsBuildInfoFile', 'null'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  return out;
}

/** The built program in a process of its own. */
async function start(port = '0'): Promise<World> {
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'test',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
    ...environmentOf(dir),
    HOST: '127.0.0.1',
    STUN: 'off',
    PORT: port,
  };
  const child = (server = spawn(process.execPath, [join(built, 'backend/src/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  const printed = await new Promise<string>((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`no start within ${START_MS} ms: ${text}`)), START_MS);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.endsWith('\n\n')) return;
      clearTimeout(timer);
      resolve(text);
    });
  });
  const [, origin] = /(http:\/\/localhost:\d+)/.exec(printed)!;
  return World.at(origin.replace('localhost', '127.0.0.1'), /setup=(\S+)/.exec(printed)?.[1] ?? null, dir);
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const child = server;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

beforeAll(async () => {
  built = build();
  dir = await freshDir();
}, 120_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(built, { recursive: true, force: true });
  await discard(dir);
});

describe('a server that is killed', () => {
  it('has everything it said it held when it comes back, in order', async () => {
    let world = await start();
    const ann = await Member.come(world, 'ann', true);
    const bob = await Member.come(world, 'bob');
    const room = (await ann.call('POST', '/api/rooms', { name: 'Crash' })).body.id as string;
    await ann.join(room);
    await bob.join(room);
    await ann.found(room);
    await bob.enter(room);
    await ann.follow(room);
    bob.client.close();
    for (let i = 0; i < 40; i++) await ann.send(room, `message ${i}`, [bob]);
    await ann.client.next('held', ({ n }) => n === 30);
    await end('SIGKILL');
    await ann.client.closed;
    const held = 30 + ann.client.frames.filter((frame) => frame.type === 'held' && frame.n > 30).length;

    world = await start(new URL(world.origin).port);
    await bob.connect();
    await bob.join(room);
    bob.client.say({ type: 'drain', room, after: 0 });
    await bob.client.next('drained');
    const texts = [];
    while (bob.client.envelopes.length > 0) texts.push((await bob.read()).text);
    expect(texts.length).toBeGreaterThanOrEqual(held);
    expect(texts).toEqual(texts.map((_, i) => `message ${i}`));
    bob.client.close();
    await end('SIGTERM');
  }, 120_000);

  it('says goodbye, leaves no lock and loses nothing when it is asked to end', async () => {
    const world = await start();
    const login = await world.call('POST', '/api/auth/login', { username: 'ann', password: 'walnut under seven rivers' });
    expect(login.status).toBe(200);
    await end('SIGTERM');
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    await start();
    await end('SIGTERM');
  }, 120_000);
});
