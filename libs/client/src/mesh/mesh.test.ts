import { afterEach, describe, expect, it, vi } from 'vitest';
import { limits, type DeviceId } from '../../../protocol/src/index.ts';
import { linkContract, next, type LinkedPair } from '../delivery/link-contract.ts';
import { MemorySignaler } from './memory-signaler.ts';
import type { Mesh } from './mesh.ts';

import { parseSignal } from './signal-message.ts';
import { signalerContract } from './signaler-contract.ts';
import { makeDevice, makeMesh, meshes, online, reached, room, type Device } from './test-mesh.ts';

async function linked(): Promise<LinkedPair> {
  const [a, b] = [await makeDevice(), await makeDevice()];
  const signalers = new Map<DeviceId, MemorySignaler>();
  const [near, far] = [makeMesh(a, signalers).mesh, makeMesh(b, signalers).mesh];
  near.expect(room, [online(b)]);
  far.expect(room, [online(a)]);
  await Promise.all([reached(near, b.device), reached(far, a.device)]);
  const stop = () => [near, far].forEach((mesh) => mesh.stop());
  return { near, far, nearDevice: a.device, farDevice: b.device, room, cut: () => far.stop(), stop };
}

linkContract('WebRTC', linked);

signalerContract('memory', async () => {
  const signalers = new Map<DeviceId, MemorySignaler>();
  const [near, far] = [new MemorySignaler('a', signalers), new MemorySignaler('b', signalers)];
  return { near, far, nearDevice: 'a', farDevice: 'b', room, cut: () => (near.open = false), mend: () => near.mend() };
});

describe('the mesh', () => {
  afterEach(() => meshes.splice(0).forEach((mesh) => mesh.stop()));

  it('joins three devices to each other', async () => {
    const devices = [await makeDevice(), await makeDevice(), await makeDevice()];
    const signalers = new Map<DeviceId, MemorySignaler>();
    const all = devices.map((own) => makeMesh(own, signalers).mesh);
    all.forEach((mesh, i) => mesh.expect(room, devices.filter((_, j) => j !== i).map(online)));
    for (const [i, mesh] of all.entries()) for (const [j, { device }] of devices.entries()) if (i !== j) await reached(mesh, device);
    expect(all.map((mesh, i) => devices.map(({ device }, j) => i === j || mesh.reach(device, true)))).toEqual([
      [true, 'direct', 'direct'],
      ['direct', true, 'direct'],
      ['direct', 'direct', true],
    ]);
  });

  it('re-forms a link through a member when no server passes signals any more (P-25)', async () => {
    const devices = [await makeDevice(), await makeDevice(), await makeDevice()] as const;
    const signalers = new Map<DeviceId, MemorySignaler>();
    const all = devices.map((own) => makeMesh(own, signalers));
    const [ann, bob, cyd] = all.map(({ mesh }) => mesh) as [Mesh, Mesh, Mesh];
    const [, b, c] = devices;
    // First only ann and bob, bob and cyd know of each other; then the server is gone, and ann and cyd learn that they share a room.
    ann.expect(room, [online(b)]);
    bob.expect(room, [online(devices[0]), online(c)]);
    cyd.expect(room, [online(b)]);
    await Promise.all([reached(ann, b.device), reached(bob, c.device)]);
    all.forEach(({ signaler }) => (signaler.open = false));
    const away = ({ device, deviceKey }: Device) => ({ device, deviceKey, online: false });
    ann.expect(room, [online(b), away(c)]);
    cyd.expect(room, [online(b), away(devices[0])]);
    await Promise.all([reached(ann, c.device), reached(cyd, devices[0].device)]);
    bob.stop(); // their link is their own
    expect(ann.reach(c.device, false)).toBe('direct');
  });

  /** Two who are linked, and what each is told from now on: the kinds of descriptions that arrive. */
  async function listened() {
    const [low, high] = [await makeDevice(), await makeDevice()].sort((a, b) => (a.device < b.device ? -1 : 1)) as [Device, Device];
    const signalers = new Map<DeviceId, MemorySignaler>();
    const ends = [makeMesh(low, signalers), makeMesh(high, signalers)] as const;
    ends[0].mesh.expect(room, [online(high)]);
    ends[1].mesh.expect(room, [online(low)]);
    await Promise.all([reached(ends[0].mesh, high.device), reached(ends[1].mesh, low.device)]);
    const told = ends.map(({ signaler }) => {
      const kinds: string[] = [];
      signaler.on('signal', ({ data }) => {
        const kind = parseSignal(data)?.description?.type;
        if (kind) kinds.push(kind);
      });
      return kinds;
    }) as [string[], string[]];
    return { polite: ends[0], impolite: ends[1], told };
  }

  it('makes its offer again when the network changed while no signal could pass (MESH10)', async () => {
    const { polite, told } = await listened();
    polite.signaler.open = false;
    polite.mesh.resume();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toEqual([[], []]);
    polite.signaler.mend();
    await vi.waitFor(() => expect(told).toEqual([['answer'], ['offer']]), 30_000);
  });

  it('when both look for a new way and one offer was lost unnoticed, it is made again', async () => {
    const { polite, impolite, told } = await listened();
    const signal = impolite.signaler.signal.bind(impolite.signaler);
    impolite.signaler.signal = () => true; // into a socket that only looks alive
    impolite.mesh.resume();
    await new Promise((resolve) => setTimeout(resolve, 300));
    impolite.signaler.signal = signal;
    polite.mesh.resume();
    await vi.waitFor(() => expect(told).toEqual([['offer'], ['offer', 'answer']]), 30_000);
  });

  it('opens no link to somebody who holds another key than the group knows (D14)', async () => {
    const [a, b, impostor] = [await makeDevice(), await makeDevice(), await makeDevice()];
    const signalers = new Map<DeviceId, MemorySignaler>();
    const near = makeMesh(a, signalers).mesh;
    // Speaks under b's id, as a server could make anybody do, but cannot sign for it.
    const far = makeMesh({ ...impostor, device: b.device }, signalers).mesh;
    near.expect(room, [online(b)]);
    far.expect(room, [online(a)]);
    for (let changes = 0; changes < 2 || near.connectionStates()[0] !== 'none'; changes++) await next(near, 'changed');
    expect(near.reaches(b.device)).toBe(false);
  });

  it('takes no signal from a device that is not of the room', async () => {
    const [a, stranger] = [await makeDevice(), await makeDevice()];
    const signalers = new Map<DeviceId, MemorySignaler>();
    const near = makeMesh(a, signalers).mesh;
    const far = makeMesh(stranger, signalers).mesh;
    near.expect(room, []);
    far.expect(room, [online(a)]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(near.connectionStates()).toEqual([]);
  });

  it('tells bodies to a device over its link, says which links are open, and tells nobody without one', async () => {
    const { near, far, nearDevice, farDevice, stop } = await linked();
    const [ann, bob] = [near as Mesh, far as Mesh];
    const told = new Promise((resolve) => bob.on('told', resolve));
    expect(ann.open()).toEqual([farDevice]);
    expect(ann.tell(farDevice, new Uint8Array(limits.told).fill(5))).toBe(true);
    expect(await told).toEqual({ from: nearDevice, body: new Uint8Array(limits.told).fill(5) });
    expect(ann.tell('00000000-0000-4000-8000-000000000000', new Uint8Array([1]))).toBe(false);
    stop();
    expect([ann.open(), ann.tell(farDevice, new Uint8Array([1]))]).toEqual([[], false]);
  });

  it('closes the link to a device that shares no room any more', async () => {
    const { near, far, nearDevice, farDevice, stop } = await linked();
    near.on('changed', () => undefined);
    (near as Mesh).expect(room, []);
    expect(near.reaches(farDevice)).toBe(false);
    while (far.reaches(nearDevice)) await next(far, 'changed');
    stop();
  });
});
