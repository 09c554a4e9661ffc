import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, World } from '../testing/world.ts';

/* The site of docs/examples, as it stands there, in a process of its own. */
const program = fileURLToPath(new URL('../../../docs/examples/site.mjs', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'conclave-example-'));
let site: ChildProcess;
let address: string;
let world: World;

beforeAll(async () => {
  const env = { PATH: process.env['PATH'], PORT: '0', CONCLAVE: 'https://chat.test', KEY_FILE: join(dir, 'key.pem') };
  site = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  address = await new Promise<string>((resolve, reject) => {
    site.once('exit', (code) => reject(new Error(`the site ended with ${code}`)));
    site.stdout!.on('data', (chunk: Buffer) => resolve(/http:\S+/.exec(chunk.toString())![0]));
  });
  const keys = { HANDOFF_JWKS: `${address}/jwks.json`, HANDOFF_ALGORITHMS: 'ES256', HANDOFF_AUDIENCE: 'conclave' };
  world = await World.open({ ...keys, HANDOFF_ISSUER: address, HANDOFF_SITE: address, HANDOFF_SIGN_IN_URL: `${address}/` });
  await world.first('ann');
});
afterAll(async () => {
  site.kill();
  await world.close();
  rmSync(dir, { recursive: true, force: true });
});

const form = async (): Promise<{ action: string | undefined; jwt: string }> => {
  const html = await (await fetch(address)).text();
  const [, action] = /action="([^"]+)"/.exec(html)!;
  const [, jwt = ''] = /name="jwt" value="([^"]+)"/.exec(html)!;
  return { action, jwt };
};
const submit = (jwt: string) =>
  fetch(`${world.origin}/sso`, { method: 'POST', body: new URLSearchParams({ jwt }), redirect: 'manual', headers: { origin: address } });

describe('the example site', () => {
  it('hands its user over by its form, into the room it names, once for each page', async () => {
    const { action, jwt } = await form();
    expect(action).toBe('https://chat.test/sso');
    const answer = await submit(jwt);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const cookie = cookieOf({ status: 303, body: null, headers: answer.headers });
    const { body } = await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie });
    expect(body.user).toMatchObject({ username: 'mara-shop.example', displayName: 'Mara', role: 'user' });
    expect((await world.call('GET', '/api/rooms', undefined, body.accessToken)).body.mine).toHaveLength(1);
    expect((await submit(jwt)).headers.get('location')).toBe('/#problem=used');
    expect((await submit((await form()).jwt)).headers.get('location')).toBe('/');
  });
});
