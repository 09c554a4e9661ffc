import { afterAll, beforeAll, expect, it } from 'vitest';
import { OwnProcess } from '../testing/own-process.ts';
import { discard, freshDir } from '../testing/place.ts';
import { Site } from '../testing/site.ts';
import type { Person, World } from '../testing/world.ts';

const site = new Site();
let dir: string;
let server: OwnProcess;
let world: World;
let ann: Person;

beforeAll(async () => {
  dir = await freshDir();
  server = OwnProcess.build(dir);
  world = await server.start('0', { LOG_LEVEL: 'trace', ...site.environment() });
  ann = await world.first('ann');
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  server.discard();
  await discard(dir);
});

it('logs that somebody came, at the lowest level, and neither the token nor whom it names (ACC10)', async () => {
  const jwts: string[] = [];
  const token = async (claims: Record<string, unknown> = {}) => {
    const jwt = await site.token({ sub: 'whose-name-is-no-matter', nick: 'Nobody’s Business', img: '/face.png', ...claims });
    jwts.push(jwt);
    return jwt;
  };
  await world.call('GET', `/sso?jwt=${await token()}`);
  await world.call('GET', `/?jwt=${await token()}`);
  const good = await token();
  for (const jwt of [good, good, await token({ exp: 1 }), `${await token()}x`]) await world.call('POST', '/api/auth/handoff', { jwt });
  for (const body of [new URLSearchParams({ jwt: await token() }), new URLSearchParams({ jwt: `${await token()}.x` })])
    expect((await fetch(`${world.origin}/sso?jwt=${await token()}`, { method: 'POST', body, redirect: 'manual' })).status).toBe(303);
  for (const method of ['PATCH', 'DELETE'])
    for (const path of ['/api/handoff/subjects', '/API/Handoff/Subjects', '/api/handoff/subjects/'])
      for (const subject of ['whose-name-is-no-matter', 'whose-name-is-no-matter/', 'Nobody’s%2FBusiness'])
        await world.call(method, `${path}/${encodeURIComponent('https://that-site.test')}/${subject}`, { vip: true }, ann.token);
  await server.end('SIGTERM'); // what was logged is printed by then

  // Pages themselves are not logged at all.
  const lines = server.output.split('\n').filter((line) => /"path":"\/(sso|api\/auth\/handoff)"/.test(line));
  expect(lines.length).toBe(6);
  expect(server.output.match(/"path":"\/api\/handoff\/subjects\/-"/gi)).toHaveLength(18);
  for (const jwt of jwts) for (const part of jwt.split('.').slice(1)) expect(server.output).not.toContain(part);
  for (const word of ['no-matter', 'Business', 'face.png', 'jwt', 'that-site']) expect(server.output).not.toContain(word);
});
