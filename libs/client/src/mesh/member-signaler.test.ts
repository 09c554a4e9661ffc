import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeLinkMessage, encodeLinkMessage, limits, type DeviceId, type LinkMessage } from '../../../protocol/src/index.ts';
import { MemberSignaler, type ThroughMembers } from './member-signaler.ts';
import { MemorySignaler } from './memory-signaler.ts';
import { signalerContract } from './signaler-contract.ts';

/* What is fake: links are a table of who is linked to whom, and the server is a memory. Messages take their real form on the way. */
const id = (letter: string) => `00000000-0000-4000-8000-00000000000${letter}`;
const [ann, bob, cyd, dan] = [id('a'), id('b'), id('c'), id('d')] as [DeviceId, DeviceId, DeviceId, DeviceId];
const lobby = '11111111-1111-4111-8111-111111111111';
const cellar = '22222222-2222-4222-8222-222222222222';

class Links {
  readonly rooms = new Map<string, DeviceId[]>([[lobby, [ann, bob, cyd]]]);
  readonly servers = new Map<DeviceId, MemorySignaler>();
  readonly signalers = new Map<DeviceId, MemberSignaler>();
  /** Whom the server says is connected. */
  readonly connected = new Set<DeviceId>();
  readonly passed: { from: DeviceId; to: DeviceId; message: LinkMessage }[] = [];
  readonly #linked = new Set<string>();

  add(own: DeviceId): MemberSignaler {
    const server = new MemorySignaler(own, this.servers);
    const signaler = new MemberSignaler(own, server, {
      linked: () => [...this.#linked].filter((pair) => pair.startsWith(own)).map((pair) => pair.slice(37)),
      send: (device, message) => this.#send(own, device, message),
      roomOf: (...devices) => [...this.rooms].find(([, all]) => [own, ...devices].every((device) => all.includes(device)))?.[0] ?? null,
      connected: (device) => this.connected.has(device),
    });
    this.signalers.set(own, signaler);
    return signaler;
  }

  link(one: DeviceId, other: DeviceId, on = true): void {
    for (const pair of [`${one} ${other}`, `${other} ${one}`])
      if (on) this.#linked.add(pair);
      else this.#linked.delete(pair);
    for (const device of [one, other]) this.signalers.get(device)!.linksChanged();
  }

  #send(from: DeviceId, to: DeviceId, message: LinkMessage): boolean {
    if (!this.#linked.has(`${from} ${to}`)) return false;
    this.passed.push({ from, to, message });
    const arrived = decodeLinkMessage(encodeLinkMessage(message)) as ThroughMembers;
    setTimeout(() => this.signalers.get(to)!.heard(from, arrived));
    return true;
  }
}

signalerContract('a member', async () => {
  const links = new Links();
  const [near, far] = [links.add(ann), links.add(cyd)];
  const between = links.add(bob);
  for (const server of links.servers.values()) server.open = false;
  const ready = new Promise((resolve) => near.on('ready', resolve));
  links.link(ann, bob);
  links.link(bob, cyd);
  await ready;
  expect(between.knows(ann)).toBe(false); // a list never names the one it is for
  return {
    near,
    far,
    nearDevice: ann,
    farDevice: cyd,
    room: lobby,
    cut: () => links.link(ann, bob, false),
    mend: () => links.link(ann, bob),
  };
});

describe('signals through members (P-25)', () => {
  let links: Links;
  let near: MemberSignaler;
  const heard: { room: string; from: string; data: string }[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    links = new Links();
    heard.length = 0;
    near = links.add(ann);
    links.add(bob);
    links.add(cyd).on('signal', (signal) => heard.push(signal));
  });
  afterEach(() => {
    links.signalers.forEach((signaler) => signaler.stop());
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
  const chain = async () => {
    links.link(ann, bob);
    links.link(bob, cyd);
    await vi.advanceTimersByTimeAsync(1_000);
  };
  const carried = () => links.passed.filter(({ message }) => message.type === 'signal').map(({ from, to }) => [from, to]);

  it('go by the server while it connects both ends, and through a member when it does not', async () => {
    await chain();
    links.connected.add(cyd);
    expect(near.signal(lobby, cyd, 'by the server')).toBe(true);
    await vi.advanceTimersByTimeAsync(10);
    expect([heard.map(({ data }) => data), carried()]).toEqual([['by the server'], []]);
    links.connected.delete(cyd); // it left the server, but not its members
    expect(near.signal(lobby, cyd, 'by bob')).toBe(true);
    await vi.advanceTimersByTimeAsync(10);
    expect(heard.at(-1)).toEqual({ room: lobby, from: ann, data: 'by bob' });
    expect(carried()).toEqual([
      [ann, bob],
      [bob, cyd],
    ]);
  });

  it('go through a member when the server is dead, whoever it last said was there', async () => {
    await chain();
    links.connected.add(cyd);
    links.servers.get(ann)!.open = false;
    expect(near.signal(lobby, cyd, 'by bob')).toBe(true);
    await vi.advanceTimersByTimeAsync(10);
    expect(heard).toEqual([{ room: lobby, from: ann, data: 'by bob' }]);
  });

  it('tell members only of those with whom they share a room', async () => {
    links.add(dan);
    links.rooms.set(cellar, [bob, dan]);
    await chain();
    links.link(bob, dan);
    await vi.advanceTimersByTimeAsync(1_000);
    const lists = links.passed.filter(({ message }) => message.type === 'neighbours').map(({ to, message }) => [to, message]);
    expect(lists).toContainEqual([ann, { type: 'neighbours', devices: [cyd] }]);
    expect(JSON.stringify(lists)).not.toContain(dan);
    expect(near.knows(dan)).toBe(false);
  });

  it('are carried only for the link’s own device, and only to those in a room of all three', async () => {
    links.add(dan);
    links.rooms.set(cellar, [bob, dan]);
    await chain();
    links.link(bob, dan);
    const between = links.signalers.get(bob)!;
    between.heard(ann, { type: 'signal', from: dan, to: cyd, data: 'in another’s name' });
    between.heard(dan, { type: 'signal', from: dan, to: cyd, data: 'from another room' });
    between.heard(ann, { type: 'signal', from: ann, to: ann, data: 'an echo' });
    await vi.advanceTimersByTimeAsync(10);
    expect([heard, carried()]).toEqual([[], []]);
    between.heard(ann, { type: 'signal', from: ann, to: cyd, data: 'as it should be' });
    await vi.advanceTimersByTimeAsync(10);
    expect(heard.map(({ data }) => data)).toEqual(['as it should be']);
  });

  it('are not heard when they claim to come from oneself, or from a stranger', async () => {
    await chain();
    const far = links.signalers.get(cyd)!;
    for (const from of [cyd, dan]) far.heard(bob, { type: 'signal', from, to: cyd, data: 'x' });
    expect(heard).toEqual([]);
  });

  it('are carried for a flooding member only within a budget, which fills again', async () => {
    await chain();
    const between = links.signalers.get(bob)!;
    const flood = () => {
      for (let i = 0; i < 2_000; i++) between.heard(ann, { type: 'signal', from: ann, to: cyd, data: String(i) });
      return carried().length;
    };
    const first = flood();
    expect(first).toBeGreaterThanOrEqual(limits.devicesPerRoom);
    expect(first).toBeLessThan(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flood()).toBeGreaterThan(first);
    await vi.advanceTimersByTimeAsync(10);
  });

  it('are ready when a device appears that nobody knew, once, however often its member repeats itself', async () => {
    let ready = 0;
    near.on('ready', () => ready++);
    await chain();
    expect([ready, near.knows(cyd)]).toEqual([1, true]);
    for (let i = 0; i < 100; i++) near.heard(bob, { type: 'neighbours', devices: [cyd] });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ready).toBe(1);
  });

  it('take at most two lists of a member in a second, and always the last', async () => {
    let ready = 0;
    near.on('ready', () => ready++);
    await chain();
    for (let i = 0; i < 1_000; i++) near.heard(bob, { type: 'neighbours', devices: i % 2 ? [cyd] : [] });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ready).toBeLessThan(4);
    expect(near.knows(cyd)).toBe(true);
  });

  it('forget a member’s neighbours with its link', async () => {
    await chain();
    links.link(ann, bob, false);
    expect(near.knows(cyd)).toBe(false);
    links.servers.get(ann)!.open = false;
    expect(near.signal(lobby, cyd, 'nowhere')).toBe(false);
  });
});
