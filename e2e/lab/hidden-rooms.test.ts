import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../backend/src/database/database.ts';
import { Budget } from '../../backend/src/presence/budget.ts';
import { Presence } from '../../backend/src/presence/presence.service.ts';
import { Joining } from '../../backend/src/rooms/joining.service.ts';
import { cookieOf, World, type Person } from '../../backend/src/testing/world.ts';
import { median, rankTest } from './rank-test.ts';

/*
 * A clock must not tell a hidden room from one that does not exist (ROOM1): neither to who knows its id, nor to who knows its name and is banned from
 * it, nor to who asks by a socket. Each answer is compared byte by byte, too.
 */
const PAIRS = 2_000;
const WARM = 200;
type Answer = { face: string; ms: number };
type Ask = (which: 'hidden' | 'missing') => Promise<Answer>;

let world: World;
let bob: Person;
let room: string;
const name = 'Below the stairs';
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  world = await World.open();
  const ann = await world.first('ann');
  bob = await world.person('bob');
  // Both among many, so that an index is asked as it is in earnest.
  for (let i = 0; i < 200; i++) await world.server.app.get(Database).run(`insert into room (id, kind, name, name_key, topic, created_at) values ($1, 'open', $2, $2, '', 0)`, [randomUUID(), `room ${i}`]); // prettier-ignore
  room = (await world.call('POST', '/api/rooms', { name, kind: 'hidden' }, ann.token)).body.id;
  await world.server.app
    .get(Database)
    .run(`insert into ban (id, room, account, until, reason, made_by, by_name, created_at) values ($1, $2, $3, null, '', null, '', 0)`, [
      randomUUID(),
      room,
      bob.id,
    ]);
}, 120_000);
afterAll(async () => {
  agent.destroy();
  await world.close();
});

function post(path: string, json: object): Promise<Answer> {
  const body = JSON.stringify(json);
  const headers = { 'content-type': 'application/json', 'content-length': body.length, authorization: `Bearer ${bob.token}` };
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const asked = request(`${world.origin}${path}`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ face: `${response.statusCode} ${text}`, ms: performance.now() - begun }));
    });
    asked.on('error', reject).end(body);
  });
}

/** Hidden and missing in turn, the order of each pair by lot. */
async function pairs(count: number, ask: Ask): Promise<{ hidden: Answer[]; missing: Answer[] }> {
  const found = { hidden: [] as Answer[], missing: [] as Answer[] };
  for (let i = 0; i < count; i++) {
    const first = Math.random() < 0.5 ? 'hidden' : 'missing';
    for (const which of [first, first === 'hidden' ? 'missing' : 'hidden'] as const) found[which].push(await ask(which));
  }
  return found;
}

/** A run may last longer than an access token. */
async function stayIn(): Promise<void> {
  const answer = await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: bob.cookie });
  bob = { ...bob, token: answer.body.accessToken, cookie: cookieOf(answer) };
}

async function measure(what: string, ask: Ask): Promise<number> {
  await stayIn();
  await pairs(WARM, ask);
  const { hidden, missing } = await pairs(PAIRS, ask);
  expect(new Set([...hidden, ...missing].map(({ face }) => face)).size).toBe(1);
  const [a, b] = [hidden, missing].map((answers) => answers.map(({ ms }) => ms)) as [number[], number[]];
  const p = rankTest(a, b);
  console.log(`| ${what} | hidden ${median(a).toFixed(3)} ms | missing ${median(b).toFixed(3)} ms | p ${p.toPrecision(3)} |`);
  return p;
}

/** In how many of three runs they may well have come from one distribution. */
async function alike(what: string, ask: Ask): Promise<number> {
  const runs = [];
  for (const run of [1, 2, 3]) runs.push(await measure(`${what}, run ${run}`, ask));
  return runs.filter((p) => p > 0.01).length;
}

const elsewhere = randomUUID();
const byId: Ask = (which) => post(`/api/rooms/${which === 'hidden' ? room : elsewhere}/join`, { name: 'Another name' });
const byName: Ask = (which) => post('/api/rooms/find', { name: which === 'hidden' ? name : 'Below the floor!' });

describe('a hidden room, and one that does not exist', () => {
  it('are told apart by nothing to who knows the id; a millisecond would be seen', async () => {
    expect(await alike('join by id', byId)).toBeGreaterThanOrEqual(2);
    const joining = world.server.app.get(Joining);
    const join = joining.join.bind(joining);
    joining.join = async (visitor, id, body) => {
      if (id === room) busy(1);
      return join(visitor, id, body);
    };
    expect(await measure('join by id, a millisecond planted', byId)).toBeLessThan(0.01);
    joining.join = join;
  }, 1_200_000);

  it('are told apart by nothing to who knows the name and is banned', async () => {
    expect(await alike('find by name', byName)).toBeGreaterThanOrEqual(2);
  }, 1_200_000);

  it('are told apart by nothing on a socket', async () => {
    await stayIn();
    const client = await world.connect(bob);
    // Faked: how many commands a connection may give, so that nobody has to wait between thirteen thousand of them.
    for (const connection of world.server.app.get(Presence).connectionsOf(bob.id))
      Object.assign(connection, { commands: new Budget(1e6, 1e6) });
    const join: Ask = async (which) => {
      const begun = performance.now();
      client.say({ type: 'join', room: which === 'hidden' ? room : elsewhere });
      const face = JSON.stringify(await client.next('error'));
      const ms = performance.now() - begun;
      return { face, ms };
    };
    expect(await alike('join by socket', join)).toBeGreaterThanOrEqual(2);
    client.close();
  }, 1_200_000);
});

/** A timer's millisecond is up to two: this one is one. */
function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}
