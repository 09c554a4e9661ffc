import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';
import { Acknowledgements } from './acknowledgements.service.ts';
import { Hold } from './hold.service.ts';

/* delivery.md D3: who still has a claim to what the relay holds. */
let world: World;
let ann: Member;
let bob: Member;
let carl: Member;
let room: string;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob');
});
beforeEach(async () => {
  carl = await Member.come(world, `carl${number}`);
  room = (await ann.call('POST', '/api/rooms', { name: `Room ${++number}` })).body.id;
  for (const member of [ann, bob, carl]) {
    await member.connect();
    await member.join(room);
  }
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
  await carl.enter(room);
  await ann.follow(room);
  await bob.follow(room);
});
afterAll(() => world.close());

const rows = <T>(sql: string) => world.server.app.get(Database).rows<T>(sql, [room]);
const waiting = () =>
  rows<{ pos: number; targets: string[] }>(`select pos, targets from room_log where room = $1 and kind = 'envelope' order by pos`);
const cursors = () =>
  rows<{ device: string; pos: number; beyond: number[] }>('select device, pos, beyond from relay_cursor where room = $1 order by device');

async function acknowledge(member: Member, eids: string[], commits: number[] = []): Promise<void> {
  member.client.say({ type: 'acknowledge', room, eids, commits });
  member.client.say({ type: 'ping' });
  await member.client.next('pong');
  await world.server.app.get(Acknowledgements).flush();
}

describe('a claim', () => {
  it('ends with its device: the last that waited leaves the room, and the row goes with it', async () => {
    await ann.send(room, 'for two', [bob, carl]);
    await ann.client.next('held');
    await acknowledge(bob, [(await bob.read()).eid]);
    expect(await waiting()).toHaveLength(1);
    await carl.call('POST', `/api/rooms/${room}/leave`);
    expect(await waiting()).toEqual([]);
    expect((await cursors()).map(({ device }) => device)).not.toContain(carl.device);
  });

  it('ends with its device: removed from its account, while others keep theirs', async () => {
    await ann.send(room, 'for two', [bob, carl]);
    await ann.client.next('held');
    const { client } = carl;
    expect((await carl.call('DELETE', `/api/me/devices/${carl.device}`)).status).toBe(204);
    expect((await client.next('bye')).code).toBe('session-ended');
    await client.closed;
    expect((await waiting()).map(({ targets }) => targets)).toEqual([[bob.device]]);
    const { group } = await ann.client.next('group', (frame) => frame.group.removing.length > 0);
    expect(group.removing.map(({ device }) => device)).toEqual([carl.device]);
  });

  it('ends with an acknowledgement that was there before its envelope was stored', async () => {
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const busy = world.server.app.get(Database).transaction(async (inside) => {
      await inside.rows('select room from room_head where room = $1 for update', [room]);
      await gone;
    });
    await ann.send(room, 'is being stored', [bob]);
    const eids = [(await bob.read()).eid];
    await ann.send(room, 'waits behind it', [bob]);
    eids.push((await bob.read()).eid);
    const acknowledged = acknowledge(bob, eids);
    await new Promise((resolve) => setTimeout(resolve, 50));
    letGo();
    await Promise.all([busy, acknowledged]);
    await ann.client.next('held', ({ n }) => n === 2);
    expect(await waiting()).toEqual([]);
  });

  it('holds for whoever comes while the envelope is being stored: neither passed on nor in the log, it is handed over all the same', async () => {
    carl.client.close();
    await carl.client.closed;
    await carl.connect();
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const database = world.server.app.get(Database);
    const transaction = database.transaction.bind(database);
    const storing = vi.spyOn(database, 'transaction').mockImplementationOnce(async (work) => gone.then(() => transaction(work)));
    await ann.send(room, 'is being stored', [bob, carl]);
    await bob.read();
    await vi.waitFor(() => expect(storing).toHaveBeenCalled(), 30_000); // it is that transaction which is held up, and no other
    await carl.join(room);
    carl.client.say({ type: 'drain', room, after: 0 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    letGo();
    await carl.client.next('drained');
    expect((await carl.read()).text).toBe('is being stored');
  });

  it('is nobody else’s to give up, and not yet there in the future', async () => {
    await ann.send(room, 'for bob', [bob]);
    const { eid } = await ann.client.next('held');
    const before = await cursors();
    await acknowledge(carl, [eid], [1_000_000, Number.MAX_SAFE_INTEGER]);
    await acknowledge(ann, [eid, 'A'.repeat(43)]);
    expect(await waiting()).toHaveLength(1);
    expect(await cursors()).toEqual(before);
    const stranger = await Member.come(world, `eve${number}`);
    await acknowledge(stranger, [eid], [1]);
    expect(await waiting()).toHaveLength(1);
    await acknowledge(bob, [eid]);
    expect(await waiting()).toEqual([]);
  });

  it('is told once to a device that connects twice at once: one of them stays, and counts from one', async () => {
    const clients = await Promise.all([world.connect(ann.person), world.connect(ann.person)].map((client) => client.catch(() => null)));
    const open = () => clients.filter((client) => client?.socket.readyState === 1);
    await vi.waitFor(() => expect(open()).toHaveLength(1), 30_000);
    ann.client = open()[0]!;
    ann.client.say({ type: 'join', room });
    await ann.client.next('joined');
    ann.hand(room, await ann.sealed(room, 'after'), [bob], 1);
    expect(await ann.client.next('held')).toMatchObject({ n: 1 });
  });

  it('survives acknowledging, handing in again and leaving all at once: in the end nothing is left, and nothing was missed', async () => {
    const read: { [name: string]: Set<string> } = { bob: new Set(), carl: new Set() };
    const sent: { ciphertext: Uint8Array; n: number }[] = [];
    for (let i = 0; i < 25; i++) sent.push({ ciphertext: await ann.sealed(room, `message ${i}`), n: i + 1 });
    for (const { ciphertext, n } of sent) ann.hand(room, ciphertext, n % 2 ? [bob] : [carl], n);
    for (const { ciphertext, n } of sent) ann.hand(room, ciphertext, [bob, carl], sent.length + n);
    const reading = Object.entries({ bob, carl }).map(async ([name, member]) => {
      while (read[name].size < sent.length) {
        const envelope = await member.client.until('an envelope', () => member.client.envelopes.shift());
        const eid = Buffer.from(await crypto.subtle.digest('SHA-256', envelope.ciphertext as Uint8Array<ArrayBuffer>)).toString(
          'base64url',
        );
        read[name].add(eid);
        member.client.say({ type: 'acknowledge', room, eids: [eid], commits: [] });
      }
    });
    await Promise.all(reading);
    await ann.client.next('held', ({ n }) => n === 2 * sent.length);
    await world.server.app.get(Hold).flush();
    for (const member of [bob, carl]) await acknowledge(member, [...read['bob']]);
    expect(await waiting()).toEqual([]);
    expect((await cursors()).flatMap(({ beyond }) => beyond).length).toBeLessThanOrEqual(2 * sent.length);
  });

  it('is refused beyond twenty envelopes a second with a time to wait, and taken after it', async () => {
    const ciphertext = await ann.sealed(room, 'again and again');
    for (let n = 1; n <= 70; n++) ann.hand(room, ciphertext, [bob], n);
    const refused = await ann.client.next('refused', ({ code }) => code === 'slow-down');
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    await ann.client.next('refused', ({ n, code }) => n === 70 && code === 'resubmit');
    await new Promise((resolve) => setTimeout(resolve, refused.retryAfterMs));
    ann.hand(room, ciphertext, [bob], refused.n);
    await ann.client.next('held', ({ n }) => n === refused.n);
  });

  it('is held, and said to be, when a later one is refused while it is being stored', async () => {
    await carl.connect();
    await carl.join(room);
    const ciphertext = await carl.sealed(room, 'once and for all');
    const database = world.server.app.get(Database);
    const transaction = database.transaction.bind(database);
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    vi.spyOn(database, 'transaction').mockImplementationOnce(async (work) => gone.then(() => transaction(work)));
    for (let n = 1; n <= 61; n++) carl.hand(room, ciphertext, [bob], n);
    const refused = await carl.client.next('refused', ({ code }) => code === 'slow-down');
    expect(refused.n).toBe(61);
    letGo();
    for (let n = 1; n <= 60; n++) await carl.client.next('held', (frame) => frame.n === n);
  });
});
