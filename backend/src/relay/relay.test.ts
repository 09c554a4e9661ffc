import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';
import { Acknowledgements } from './acknowledgements.service.ts';
import { Expiry } from './expiry.service.ts';

let world: World;
let ann: Member;
let bob: Member;
let carl: Member;
let room: string;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
  [bob, carl] = [await Member.come(world, 'bob'), await Member.come(world, 'carl')];
});
afterAll(() => world.close());

/** A fresh room in which all three stand at the same epoch. */
beforeEach(async () => {
  room = (await ann.call('POST', '/api/rooms', { name: `Room ${++number}` })).body.id;
  for (const member of [ann, bob, carl]) {
    await member.connect();
    await member.join(room);
  }
  expect((await ann.found(room)).body).toMatchObject({ generation: 0, epoch: 0 });
  expect((await bob.enter(room)).body).toMatchObject({ epoch: 1 });
  await ann.follow(room);
  expect((await carl.enter(room)).body).toMatchObject({ epoch: 2 });
  await ann.follow(room);
  await bob.follow(room);
});

const database = () => world.server.app.get(Database);
const rows = (sql: string) => database().rows<{ pos: number; targets: string[]; beyond: number[]; behind: number }>(sql, [room]);
const settled = () => world.server.app.get(Acknowledgements).flush();
const waiting = async () =>
  (await rows(`select pos, targets from room_log where room = $1 and kind = 'envelope' order by pos`)) as {
    pos: number;
    targets: string[];
  }[];

async function acknowledge(member: Member, eids: string[], commits: number[] = []): Promise<void> {
  member.client.say({ type: 'acknowledge', room, eids, commits });
  member.client.say({ type: 'ping' });
  await member.client.next('pong');
  await settled();
}

async function drain(member: Member, after = 0) {
  member.client.say({ type: 'drain', room, after });
  return member.client.next('drained');
}

describe('the relay', () => {
  it('passes on at once, holds until everybody has acknowledged, then forgets', async () => {
    await ann.send(room, 'hello', [bob, carl]);
    const held = await ann.client.next('held');
    const [forBob, forCarl] = [await bob.read(), await carl.read()];
    expect([forBob.text, forCarl.text]).toEqual(['hello', 'hello']);
    expect(held.eid).toBe(forBob.eid);
    await acknowledge(bob, [forBob.eid]);
    expect(await waiting()).toHaveLength(1);
    await acknowledge(carl, [forCarl.eid]);
    expect(await waiting()).toHaveLength(0);
  });

  it('hands over in the order of the log to whoever was away, and nothing twice', async () => {
    bob.client.close();
    for (let i = 0; i < 60; i++) await ann.send(room, `message ${i}`, [bob]);
    for (let i = 0; i < 60; i++) await ann.client.next('held');
    await bob.connect();
    await bob.join(room);
    const first = await drain(bob);
    expect(first.more).toBe(true);
    expect((await drain(bob, first.upTo)).more).toBe(false);
    const read = [];
    for (let i = 0; i < 60; i++) read.push(await bob.read());
    expect(read.map(({ text }) => text)).toEqual(Array.from({ length: 60 }, (_, i) => `message ${i}`));
    await acknowledge(
      bob,
      read.map(({ eid }) => eid),
      bob.client.frames.flatMap((frame) => (frame.type === 'committed' ? [frame.pos] : [])),
    );
    expect(await drain(bob)).toMatchObject({ more: false });
    expect(bob.client.envelopes).toEqual([]);
    expect(await waiting()).toEqual([]);
  });

  it('unites the recipients of the same envelope, also past a cursor', async () => {
    const ciphertext = await ann.send(room, 'once', [bob]);
    const first = await ann.client.next('held');
    await ann.send(room, 'later', [carl]);
    await ann.client.next('held');
    await acknowledge(
      carl,
      [(await carl.read()).eid],
      (await rows(`select pos from room_log where room = $1 and kind = 'commit'`)).map(({ pos }) => pos),
    );
    carl.client.close();
    ann.hand(room, ciphertext, [bob, carl]);
    const second = await ann.client.next('held');
    expect(second).toMatchObject({ eid: first.eid });
    expect(second.pos).toBeGreaterThan(first.pos);
    expect(await waiting()).toEqual([{ pos: second.pos, targets: [bob.device, carl.device] }]);
    await carl.connect();
    await carl.join(room);
    await drain(carl);
    expect((await carl.read()).text).toBe('once');
    await acknowledge(carl, [first.eid]);
    ann.hand(room, ciphertext, [bob, carl]);
    expect(await ann.client.next('held')).toMatchObject({ pos: second.pos });
    await drain(carl);
    expect(carl.client.envelopes).toHaveLength(1); // passed on at once, but not handed over again
  });

  it('keeps what was skipped when a later one is acknowledged first', async () => {
    for (const text of ['one', 'two', 'three']) await ann.send(room, text, [bob]);
    const [one, two, three] = [await bob.read(), await bob.read(), await bob.read()];
    await ann.client.next('held', ({ n }) => n === 3);
    await acknowledge(bob, [three.eid, one.eid]);
    expect(await waiting()).toHaveLength(1);
    await acknowledge(
      bob,
      [two.eid],
      [...(await rows(`select pos from room_log where room = $1 and kind = 'commit'`))].map(({ pos }) => pos),
    );
    const [cursor] = await rows(
      `select c.beyond, h.pos - c.pos as behind from relay_cursor c join room_head h on h.room = c.room where c.room = $1 and c.device = '${bob.device}'`,
    );
    expect(cursor).toEqual({ beyond: [], behind: 0 });
  });

  it('refuses what follows a refused submission until that is skipped', async () => {
    const outsider = await Member.come(world, `dora${number}`);
    ann.hand(room, await ann.sealed(room, 'for a stranger'), [outsider], 1);
    ann.hand(room, await ann.sealed(room, 'follows'), [bob], 2);
    expect(await ann.client.next('refused')).toMatchObject({ n: 1, code: 'not-a-leaf' });
    expect(await ann.client.next('refused')).toMatchObject({ n: 2, code: 'resubmit' });
    ann.client.say({ type: 'skip', room, n: 1 });
    ann.hand(room, await ann.sealed(room, 'again'), [bob], 2);
    expect(await ann.client.next('held')).toMatchObject({ n: 2 });
    expect(await waiting()).toHaveLength(1);
  });

  it('takes nothing from an old epoch past a removal, nor while one is pending', async () => {
    const old = await ann.sealed(room, 'sealed before');
    await carl.call('POST', `/api/rooms/${room}/leave`);
    expect((await carl.client.next('expelled')).reason).toBe('left');
    const { group } = await ann.client.next('group', (frame) => frame.group.removing.length > 0);
    ann.hand(room, old, [bob], 1);
    expect(await ann.client.next('refused')).toMatchObject({ code: 'removal-pending' });
    await ann.propose(room, group);
    expect((await ann.commit(room)).status).toBe(200);
    ann.hand(room, old, [bob], 1);
    expect(await ann.client.next('refused')).toMatchObject({ code: 'stale-epoch', epoch: 3 });
    await bob.follow(room);
    await ann.client.next('group', (frame) => frame.group.epoch === 3);
    ann.hand(room, await ann.sealed(room, 'sealed after'), [bob], 1);
    await ann.client.next('held');
    expect((await bob.read()).text).toBe('sealed after');
  });

  it('tells the author what expired, until that is acknowledged', async () => {
    bob.client.close();
    await ann.send(room, 'too late', [bob]);
    const { eid } = await ann.client.next('held');
    await world.server.app.get(Expiry).sweep(Date.now() + 31 * 86_400_000);
    const { notices } = await ann.client.next('expired');
    const notice = notices.find((candidate) => candidate.eid === eid)!;
    expect(notice).toMatchObject({ room, devices: [bob.device] });
    ann.client.say({ type: 'acknowledgeExpired', notices: notices.map(({ id }) => id) });
    ann.client.say({ type: 'ping' });
    await ann.client.next('pong');
    expect(await world.server.app.get(Expiry).notices(ann.person.id)).toBeNull();
    expect(await waiting()).toEqual([]);
  });

  it('keeps nothing longer than the room wants, and in other rooms what it kept (ROOM10)', async () => {
    bob.client.close();
    const day = 86_400_000;
    expect((await ann.call('PATCH', `/api/rooms/${room}`, { retentionDays: 2 })).status).toBe(200);
    await ann.send(room, 'two days', [bob]);
    await ann.client.next('held');
    const expiry = world.server.app.get(Expiry);
    await expiry.sweep(Date.now() + 2 * day - 60_000);
    expect(await waiting()).toHaveLength(1);
    await ann.call('PATCH', `/api/rooms/${room}`, { retentionDays: null });
    await expiry.sweep(Date.now() + 3 * day);
    expect(await waiting()).toHaveLength(1);
    await ann.call('PATCH', `/api/rooms/${room}`, { retentionDays: 2 });
    await expiry.sweep(Date.now() + 2 * day + 60_000);
    expect(await waiting()).toEqual([]);
    expect((await ann.client.next('expired')).notices).toMatchObject([{ room, devices: [bob.device] }]);
  });
});
