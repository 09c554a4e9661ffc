import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { OwnProcess } from '../testing/own-process.ts';
import { environmentOf } from '../testing/databases.ts';
import { discard, freshDir } from '../testing/place.ts';
import { PASSWORD, World } from '../testing/world.ts';
import { exits, manageAccounts } from './commands.ts';

/* The host's tool (ACC15) beside a server in a process of its own, which is killed, and without one. */
let dir: string;
let program: OwnProcess;
let world: World;

beforeAll(async () => {
  dir = await freshDir();
  program = OwnProcess.build(dir);
  world = await program.start();
  await world.first('ann');
}, 120_000);
afterAll(async () => {
  await program.end('SIGKILL');
  program.discard();
  await discard(dir);
});

type Ran = { code: number; out: string; err: string };
async function accounts(args: string, stdin = '', more: Record<string, string> = {}): Promise<Ran> {
  const ran = { out: '', err: '' };
  const environment = { NODE_ENV: 'test', BCRYPT_COST: '4', ...environmentOf(dir), ...more };
  const code = await manageAccounts(args.split(' '), environment, {
    input: Readable.from(stdin === '' ? [] : [stdin]),
    out: (text) => (ran.out += text),
    err: (text) => (ran.err += text),
  });
  return { code, ...ran };
}
const hostFile = () => join(dir, 'host.json');
const login = (username: string, password = PASSWORD) => world.call('POST', '/api/auth/login', { username, password });

async function everyCommand(name: string): Promise<void> {
  expect(await accounts(`create ${name}`, `${PASSWORD}\n`)).toEqual({ code: 0, out: `${name} was made\n`, err: '' });
  expect(await accounts(`create ${name}`, `${PASSWORD}\n`)).toMatchObject({
    code: exits.refused,
    out: '',
    err: expect.stringContaining('choose another'),
  });
  expect((await accounts('create short', 'too short\n')).err).toContain('at least 16');
  expect((await accounts(`list ${name}`)).out).toContain('open');
  expect(await accounts(`lock ${name} --reason unpaid`)).toMatchObject({ code: 0, out: `${name} is locked\n` });
  expect(JSON.parse((await accounts(`list --json ${name}`)).out)).toMatchObject({ username: name, lockReason: 'unpaid', role: 'user' });
  expect((await accounts(`unlock ${name}`)).code).toBe(0);
  expect((await accounts(`role ${name} moderator`)).out).toBe(`${name} has the role moderator\n`);
  expect((await accounts(`list ${name}`)).out).toMatch(/moderator .* open/);
  for (const role of ['admin', 'user']) expect((await accounts(`role ${name} ${role}`)).out).toBe(`${name} has the role ${role}\n`);
  const reset = await accounts(`reset ${name}`, '', { PUBLIC_URL: 'https://chat.example.org' });
  expect(reset.out).toMatch(/https:\/\/chat\.example\.org\/#reset=[\w-]{32}\n$/);
  expect((await accounts('lock ann')).err).toContain('last administrator');
  expect((await accounts(`delete ${name}`)).code).toBe(exits.refused);
  expect((await accounts(`delete ${name} --yes`)).out).toBe(`${name} is gone\n`);
  expect(await accounts(`unlock ${name}`)).toMatchObject({ code: exits.refused, err: expect.stringContaining('there is no account') });
}

describe('while the server runs', () => {
  it('does everything through it', async () => {
    expect(statSync(hostFile()).mode & 0o777).toBe(0o600);
    await everyCommand('through');
  });

  it('has effect at once: a locked person is out', async () => {
    const bob = await world.person('bob');
    const client = await world.connect(bob);
    expect((await accounts('lock bob')).code).toBe(0);
    await client.closed;
    expect((await login('bob')).body.code).toBe('account-locked');
    expect((await accounts('unlock bob')).code).toBe(0);
    expect((await login('bob')).status).toBe(200);
  });

  it('has a token for accounts and nothing else', async () => {
    const { token } = JSON.parse(readFileSync(hostFile(), 'utf8')) as { token: string };
    for (const path of ['/api/me', '/api/rooms', '/api/admin/tokens', '/api/invites', '/api/admin/statistics'])
      expect([path, (await world.call('GET', path, undefined, token)).status]).toEqual([path, 403]);
    expect((await world.call('GET', '/api/admin/accounts', undefined, `${token}x`)).status).toBe(401);
  });

  it('says how it is used, and takes no password as an argument', async () => {
    expect((await accounts('--help')).out).toContain('create');
    for (const wrong of ['role bob king', 'create', 'frobnicate', `create eve --password ${'x'.repeat(20)}`])
      expect([wrong, (await accounts(wrong)).code]).toEqual([wrong, exits.usage]);
  });
});

describe('when no server runs', () => {
  it('works on the database itself, and knows what a killed server left for what it is', async () => {
    const { port } = new URL(world.origin);
    await program.end('SIGKILL');
    expect(existsSync(hostFile())).toBe(true);
    await everyCommand('direct');
    world = await program.start(port);
    expect((await accounts('list')).out).toContain('ann');
    await program.end('SIGTERM');
    expect(existsSync(hostFile())).toBe(false);
    expect((await accounts('list')).out).toContain('ann');
  });

  it('tells nothing to a stranger who listens where a killed server did', async () => {
    world = await program.start();
    const { port } = new URL(world.origin);
    await program.end('SIGKILL');
    const { token } = JSON.parse(readFileSync(hostFile(), 'utf8')) as { token: string };
    const heard: string[] = [];
    const stranger = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n`);
      request.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      request.on('end', () => response.end(JSON.stringify({ proof: 'A'.repeat(43), accounts: [], next: null, total: 0 })));
    });
    await new Promise<void>((resolve) => stranger.listen(Number(port), '127.0.0.1', resolve));
    try {
      expect(await accounts('create hugo', `${PASSWORD}\n`)).toMatchObject({ code: 0, out: 'hugo was made\n' });
      expect((await accounts('list hugo')).out).toContain('hugo');
      expect(heard.join('')).toContain('/api/host/proof');
      for (const secret of [token, PASSWORD, 'hugo']) expect(heard.join('')).not.toContain(secret);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });

  it('says so when another holds the database and cannot be reached', async () => {
    if (process.env['TEST_DATABASE_URL'] !== undefined) return; // only the embedded one has a single holder
    world = await program.start();
    rmSync(hostFile());
    expect(await accounts('list')).toMatchObject({
      code: exits.unreachable,
      err: expect.stringContaining('in use by another running server'),
    });
  });

  it('leaves acts of the host in the audit log, by nobody of the house', async () => {
    await program.end('SIGKILL');
    const database = new Database(readConfig(environmentOf(dir)));
    await database.open();
    const rows = await database.rows<{ actor: string | null; act: string }>(`select actor, act from audit where act = 'account-locked'`);
    expect(rows.length).toBe(3); // bob, and each that was made for every command
    expect(rows.every(({ actor }) => actor === null)).toBe(true);
    await database.onApplicationShutdown();
  });
});
