import { afterEach, describe, expect, it } from 'vitest';
import { toBase64url, type DeviceId } from '../../../protocol/src/index.ts';
import { MlsSealer } from '../sealing/mls-sealer.ts';
import type { Identity } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import { foundPrivate } from './founding.ts';
import { decodePrivate, encodePrivate, type PrivateMessage } from './messages.ts';
import { PrivateGroup } from './private-group.ts';
import { PrivateRows, type PrivateRow } from './private-row.ts';

const id = '44444444-4444-4444-8444-444444444444';
const room = '22222222-2222-4222-8222-222222222222';
const patient = { timeout: 20_000, interval: 20 };

/** One device of the conversation: real sealer, rows and group; fake links, which are open or cut as the story says. */
class Member {
  readonly disk = memoryDisk();
  store = openMemoryStore(this.disk);
  sealer = new MlsSealer(this.store);
  readonly queue = new Serial();
  readonly linked = new Map<DeviceId, Member>();
  readonly told: PrivateMessage[] = [];
  /** Said before it was on the disk that it is said. */
  readonly hasty: PrivateMessage[] = [];
  me!: Identity;
  group!: PrivateGroup;

  /** With the state of the group on the disk. */
  async begin(sequencer: DeviceId): Promise<void> {
    const leaves = (await this.sealer.roster(id))!.leaves;
    const row: PrivateRow = {
      ...{ id, room, generation: 0, sequencer, begunAt: 0, talking: true, promised: 0, acked: null, departed: [] },
      ...{ people: leaves.map(({ user }) => user), devices: leaves.map(({ device }) => device), mandate: { votes: [], departures: [] } },
    };
    await this.#goOn(row);
  }

  /** Only what is on the disk is left, and nobody is linked. */
  async reload(): Promise<void> {
    this.group.stop();
    await this.queue.idle();
    for (const other of this.linked.values()) this.cut(other);
    this.store = openMemoryStore(this.disk);
    this.sealer = new MlsSealer(this.store);
    await this.#goOn(structuredClone(this.stored));
  }

  async #goOn(row: PrivateRow): Promise<void> {
    const soon = (step: () => Promise<void>) => void this.queue.run(step);
    const ctx = { me: this.me, sealer: this.sealer, clock: { now: () => Date.now(), compare: () => undefined }, soon };
    const nothing = async () => undefined;
    const tell = (device: DeviceId, message: PrivateMessage) => this.tell(device, message);
    const open = () => this.group.roster!.leaves.map(({ device }) => device).filter((device) => this.linked.has(device));
    const hooks = { changed: nothing, ready: nothing, tell, open };
    this.group = new PrivateGroup(ctx as never, row, new PrivateRows(this.store), hooks);
    await this.group.load();
  }

  link(other: Member): void {
    this.linked.set(other.me.device, other);
    other.linked.set(this.me.device, this);
    this.group.greet(other.me.device);
    other.group.greet(this.me.device);
  }

  cut(other: Member): void {
    this.linked.delete(other.me.device);
    other.linked.delete(this.me.device);
  }

  get stored(): PrivateRow {
    return this.disk.tables.get('meta')!.get(`private/${id}`) as PrivateRow;
  }

  leave(): Promise<void> {
    return this.queue.run(() => this.group.depart());
  }

  tell(device: DeviceId, message: PrivateMessage): boolean {
    const to = this.linked.get(device);
    if (!to) return false;
    this.told.push(message);
    if (!this.#onDisk(message)) this.hasty.push(message);
    const read = decodePrivate(encodePrivate(message))!;
    void to.queue.run(() => to.group.handle(this.me.device, read));
    return true;
  }

  said(type: PrivateMessage['type']): number {
    return this.told.filter((message) => message.type === type).length;
  }

  #onDisk(message: PrivateMessage): boolean {
    const row = this.disk.tables.get('meta')!.get(`private/${id}`) as PrivateRow | undefined;
    if (message.type === 'ack') return row?.acked?.epoch === message.epoch && row.acked.hash === toBase64url(message.hash);
    if (message.type === 'stand' || message.type === 'vote') return row?.promised === message.generation;
    if (message.type === 'leaving' && message.device === this.me.device) return row?.talking === false;
    return true;
  }
}

let members: Member[] = [];
afterEach(() => members.forEach(({ group }) => group.stop()));

/** The first of so many has founded it, and orders its commits; nobody is linked to anybody. */
async function gather(count: number): Promise<Member[]> {
  members = Array.from({ length: count }, () => new Member());
  for (const member of members) member.me = await member.sealer.enroll(crypto.randomUUID());
  members.sort((one, other) => (one.me.device < other.me.device ? -1 : 1)); // in whose order they stand
  const [founder, ...others] = members as [Member, ...Member[]];
  const packages = await Promise.all(others.map(async ({ sealer }) => (await sealer.keyPackages(1, false)).packages[0]!));
  const { welcome, groupInfo } = await foundPrivate(founder.sealer, id, 0, packages);
  for (const { sealer } of others) await sealer.joinByWelcome(id, welcome, groupInfo, founder.me.deviceKey);
  for (const member of members) await member.begin(founder.me.device);
  return members;
}

const stand = async ({ sealer }: Member) => {
  const { generation, epoch, leaves } = (await sealer.roster(id))!;
  return { generation, epoch, leaves: leaves.length };
};
const settled = async () => {
  for (const { queue } of members) await queue.idle();
};

describe('the group of a private conversation (P-33, P-34)', () => {
  it('orders a commit once more than half have acknowledged it, and not before', async () => {
    const [ann, bob, cyd, dan, eve] = (await gather(5)) as [Member, Member, Member, Member, Member];
    ann.link(bob);
    ann.link(eve);
    await eve.leave();
    await expect.poll(() => bob.said('ack'), patient).toBe(1);
    await settled();
    expect(await stand(ann)).toEqual({ generation: 0, epoch: 1, leaves: 5 }); // two of the four who are left
    expect(ann.said('commit')).toBe(0);

    ann.link(cyd);
    for (const member of [ann, bob, cyd]) await expect.poll(() => stand(member), patient).toEqual({ generation: 0, epoch: 2, leaves: 4 });
    bob.link(dan); // catches up from anybody
    await expect.poll(() => stand(dan), patient).toEqual({ generation: 0, epoch: 2, leaves: 4 });
    expect(members.flatMap(({ hasty }) => hasty)).toEqual([]);
  });

  it('elects another sequencer once the one there was has gone, and what is promised is on the disk before it is said', async () => {
    const [ann, bob, cyd, dan] = (await gather(4)) as [Member, Member, Member, Member];
    for (const [one, other] of [[ann, bob], [ann, cyd], [bob, cyd]] as const) one.link(other); // prettier-ignore
    await ann.leave();
    for (const member of [bob, cyd]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 1, leaves: 2 });
    dan.link(bob);
    dan.link(cyd);
    for (const member of [bob, cyd, dan]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 1, leaves: 3 });
    expect(bob.said('vote') + cyd.said('vote')).toBeGreaterThan(0);
    expect(members.flatMap(({ hasty }) => hasty)).toEqual([]);
  });

  it('elects nobody with a minority', async () => {
    const [ann, bob, cyd] = (await gather(5)) as [Member, Member, Member];
    for (const [one, other] of [[ann, bob], [ann, cyd], [bob, cyd]] as const) one.link(other); // prettier-ignore
    await ann.leave();
    await expect.poll(() => bob.said('vote') + cyd.said('vote'), patient).toBeGreaterThan(0);
    await settled();
    for (const member of [bob, cyd]) expect(await stand(member)).toEqual({ generation: 0, epoch: 1, leaves: 5 });
  });

  it('does not go on with a ballot of an earlier generation, once its sequencer is elected again', { timeout: 90_000 }, async () => {
    const [ann, bob, cyd, dan, eve] = (await gather(5)) as [Member, Member, Member, Member, Member];
    ann.link(bob);
    ann.link(eve);
    await eve.leave();
    await expect.poll(() => bob.said('ack'), patient).toBe(1); // ann's ballot is open, and two of four are no majority
    await settled();
    for (const member of [bob, eve]) ann.cut(member);
    for (const [one, other] of [[bob, cyd], [bob, dan], [cyd, dan]] as const) one.link(other); // prettier-ignore
    for (const member of [bob, cyd, dan]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 1, leaves: 3 });
    for (const member of [bob, cyd, dan]) ann.link(member);
    for (const member of [ann, bob, cyd, dan]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 1, leaves: 4 });

    const second = [bob, cyd, dan].find(({ me }) => me.device === ann.stored.sequencer)!;
    const rest = [bob, cyd, dan].filter((member) => member !== second) as [Member, Member];
    await second.leave();
    for (const member of [ann, ...rest]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 2, leaves: 3 });
    expect(ann.stored.sequencer).toBe(ann.me.device);
    await rest[1].leave();
    for (const member of [ann, rest[0]]) await expect.poll(() => stand(member), patient).toMatchObject({ generation: 2, leaves: 2 });
  });

  it('puts a member’s commit to the vote again after the sequencer’s reload, though its author has gone meanwhile', async () => {
    const [ann, bob, cyd, dan, eve] = (await gather(5)) as [Member, Member, Member, Member, Member];
    ann.link(bob);
    const { commit } = await bob.sealer.commit(id, []);
    bob.tell(ann.me.device, { type: 'submit', id, generation: 0, epoch: 2, commit });
    await expect.poll(() => bob.said('ack'), patient).toBe(1); // two of five
    await settled();
    await ann.reload();
    bob.link(cyd);
    await bob.leave();
    await settled();
    for (const [one, other] of [[ann, cyd], [ann, dan], [ann, eve]] as const) one.link(other); // prettier-ignore
    for (const member of [ann, cyd, dan, eve])
      await expect.poll(() => stand(member), patient).toEqual({ generation: 0, epoch: 3, leaves: 4 });
    expect(members.flatMap(({ hasty }) => hasty)).toEqual([]);
  });

  it('gives no vote while the sequencer is at hand', async () => {
    const [ann, bob, cyd] = (await gather(3)) as [Member, Member, Member];
    ann.link(cyd);
    bob.link(cyd);
    bob.tell(cyd.me.device, { type: 'stand', id, generation: 1 });
    await settled();
    expect(cyd.said('vote')).toBe(0);

    cyd.linked.delete(ann.me.device);
    bob.tell(cyd.me.device, { type: 'stand', id, generation: 1 });
    await settled();
    expect(cyd.said('vote')).toBe(1);
  });
});
