import { beforeEach, describe, expect, it, vi } from 'vitest';
import { timing } from '../../../protocol/src/index.ts';
import { FakeNetwork } from './fake-connection.ts';
import { Peer } from './peer.ts';
import type { Signal } from './signal-message.ts';
import { makeDevice, type Device } from './test-mesh.ts';

/* What is fake: the clock, which only `pass` moves, and the network (fake-connection.ts). Negotiation, proofs and pings are real. */
describe('the link to one device over its lives', () => {
  let network: FakeNetwork;
  let now: number;
  let signalling: boolean;
  let lower: End;
  let higher: End;
  type End = { peer: Peer; wanted: boolean; visible: boolean; policy: RTCConfiguration | null; sent: Signal[] };
  let devices: [Device, Device];

  function end(own: Device, other: Device, across: () => End): End {
    const made: End = { peer: null!, wanted: true, visible: true, policy: { iceServers: [] }, sent: [] };
    made.peer = new Peer({
      rtc: network.rtc,
      configuration: () => made.policy,
      own,
      peer: other,
      signal: (message) => {
        made.sent.push(message);
        if (signalling) queueMicrotask(() => across().peer.handle(structuredClone(message)));
      },
      message: () => undefined,
      file: () => undefined,
      changed: () => undefined,
      wanted: () => made.wanted,
      now: () => now,
    });
    return made;
  }

  beforeEach(async () => {
    network = new FakeNetwork();
    now = 1_000_000;
    signalling = true;
    devices = (await Promise.all([makeDevice(), makeDevice()])).sort((a, b) => (a.device < b.device ? -1 : 1));
    lower = end(devices[0], devices[1], () => higher);
    higher = end(devices[1], devices[0], () => lower);
  });

  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const ends = () => [lower, higher];
  const states = () => ends().map(({ peer }) => peer.state);
  /** Time goes by in steps of the pings, and both ends look at their link at each. */
  async function pass(ms: number, whose: End[] = ends()): Promise<void> {
    for (const until = now + ms; now < until;) {
      now = Math.min(until, now + timing.peerPingMs);
      for (const { peer, visible } of whose) peer.tick(visible);
      await settle();
    }
  }
  async function opened(): Promise<void> {
    for (const { peer } of ends()) peer.begin(true);
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
  }
  const pings = (from: number) => network.said.filter((said) => said.type === 'ping' && said.from === from).length;

  it('is begun by the lower device id; the other waits, and begins itself when nothing comes', async () => {
    higher.peer.begin(true);
    expect([higher.peer.state, network.connections.length]).toEqual(['connecting', 0]);
    await pass(3_900, [higher]);
    expect(network.connections).toHaveLength(0);
    await pass(2_000, [higher]);
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
  });

  it('is one connection, and stays one, while both are there', async () => {
    await opened();
    await pass(120_000);
    expect(states()).toEqual(['open', 'open']);
    expect(network.connections).toHaveLength(2);
  });

  it('is pinged every 2 s by a visible page, and kept alive every 25 s by a hidden one (MESH3)', async () => {
    await opened();
    higher.visible = false;
    const [visible, hidden] = [network.connections[0]!.id, network.connections[1]!.id];
    await pass(100_000);
    expect([pings(visible), pings(hidden)]).toEqual([50, 4]);
  });

  it('is suspect after 4 s without an answer, and trusted again at the first word (MESH3)', async () => {
    await opened();
    network.up = false;
    await pass(4_000);
    expect(lower.peer.state).toBe('open');
    await pass(2_000);
    expect(states()).toEqual(['suspect', 'suspect']);
    network.up = true;
    await pass(2_000);
    expect(states()).toEqual(['open', 'open']);
  });

  it('is not suspected by a hidden page, which pings too rarely to tell', async () => {
    await opened();
    network.up = false;
    higher.visible = false;
    await pass(20_000);
    expect(states()).toEqual(['suspect', 'open']);
  });

  it('is gone after 60 s of silence, and not before (MESH3)', async () => {
    await opened();
    network.up = signalling = false;
    await pass(60_000);
    expect(states()).toEqual(['suspect', 'suspect']);
    await pass(2_000);
    expect(states()).toEqual(['waiting', 'waiting']);
    network.up = signalling = true;
    await pass(10_000);
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
  });

  it('is gone after two keep-alives that were refused, not after one (MESH3)', async () => {
    await opened();
    signalling = false;
    network.connections[0]!.shut();
    await pass(2_000, [lower]);
    expect(lower.peer.linked).toBe(true);
    await pass(2_000, [lower]);
    expect(lower.peer.state).toBe('waiting');
  });

  it('that only one end has left is closed at the other at once', async () => {
    await opened();
    signalling = false;
    lower.peer.close();
    await settle();
    expect(higher.peer.state).toBe('waiting');
  });

  it('looks for another way first when ICE fails, and is made anew when it fails again', async () => {
    await opened();
    const [first] = network.connections;
    first!.fail();
    expect([lower.peer.state, first!.restarts]).toEqual(['suspect', 1]);
    first!.fail();
    expect(lower.peer.state).toBe('waiting');
    await pass(10_000);
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
    expect(network.connections.length).toBeGreaterThan(2);
  });

  it('looks for another way when the network has changed, without another connection', async () => {
    await opened();
    lower.peer.resume();
    await settle();
    expect(network.connections.map(({ restarts }) => restarts)).toEqual([1, 0]);
    expect(states()).toEqual(['open', 'open']);
  });

  it('is tried again after waits that grow to a minute at most, and differ; at once when the network is back (MESH1)', async () => {
    network.passable = false;
    lower.peer.begin(true);
    const tries: number[] = [];
    let made = network.connections.length;
    for (const until = now + 15 * 60_000; now < until;) {
      now += 1_000;
      lower.peer.tick(true);
      if (network.connections.length > made) tries.push(now);
      made = network.connections.length;
    }
    const waits = tries.slice(1).map((at, i) => at - tries[i]!);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20_000 + 60_000 + 3_000);
    expect(new Set(waits).size).toBeGreaterThan(3);
    expect(tries.length).toBeGreaterThan(8);
    while (lower.peer.state !== 'waiting') {
      now += 1_000;
      lower.peer.tick(true);
    }
    lower.peer.resume();
    expect(lower.peer.state).toBe('connecting');
  });

  it('is not tried again with somebody who is nowhere to be seen', async () => {
    signalling = false;
    lower.peer.begin(true);
    lower.wanted = false;
    await pass(22_000, [lower]);
    expect([lower.peer.state, network.open.length]).toEqual(['idle', 0]);
    await pass(120_000, [lower]);
    expect(network.connections).toHaveLength(1);
  });

  it('of a page that was frozen is asked before it is given up: what it did not hear says nothing of the other', async () => {
    await opened();
    now += 10 * 60_000; // nobody looked, and nothing was heard
    lower.peer.tick(true);
    expect(lower.peer.linked).toBe(true);
    await settle();
    await pass(2_000, [lower]);
    expect(lower.peer.state).toBe('open');
  });

  it('of a page that was frozen is given up soon when the other does not answer', async () => {
    await opened();
    network.up = signalling = false;
    now += 10 * 60_000;
    await pass(4_000, [lower]);
    expect(lower.peer.linked).toBe(true);
    await pass(4_000, [lower]);
    expect(lower.peer.state).toBe('waiting');
  });

  it('is suspect at once when the server says that the other has gone, until it answers', async () => {
    await opened();
    lower.peer.doubt();
    expect(lower.peer.state).toBe('suspect');
    await settle();
    expect(lower.peer.state).toBe('open');
  });

  it('gives way to another session of a device that was reloaded, and hears nothing meant for one that is gone', async () => {
    await opened();
    const old = higher.sent.at(-1)!;
    const reloaded = end(devices[1], devices[0], () => lower);
    higher = reloaded;
    network.up = false; // a closed page says nothing
    reloaded.peer.begin(true);
    network.up = true;
    await pass(6_000, [reloaded]);
    await vi.waitFor(() => expect([lower.peer.state, reloaded.peer.state]).toEqual(['open', 'open']));
    const made = network.connections.length;
    lower.peer.handle(old);
    await settle();
    expect([lower.peer.state, network.connections.length]).toEqual(['open', made]);
  });

  it('is not made where no connection may be made, ended when that begins, and made when it ends (MESH10)', async () => {
    lower.policy = null;
    for (const { peer } of ends()) peer.begin(true);
    await settle();
    expect([lower.peer.state, network.connections.length]).toEqual(['idle', 0]);
    lower.policy = { iceServers: [] };
    lower.peer.refresh();
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
    lower.policy = { iceServers: [], iceTransportPolicy: 'relay' };
    const made = network.connections.length;
    lower.peer.refresh();
    expect(network.connections.length).toBe(made + 1);
    await vi.waitFor(() => expect(states()).toEqual(['open', 'open']));
    lower.peer.refresh();
    await settle();
    expect(states()).toEqual(['open', 'open']);
    lower.policy = null;
    lower.peer.refresh();
    expect(lower.peer.state).toBe('idle');
  });
});
