import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../protocol/src/index.ts';
import { FakeNetwork } from './fake-connection.ts';
import type { MemorySignaler } from './memory-signaler.ts';
import type { Mesh } from './mesh.ts';
import { linksInAll, linksPerRoom } from './near.ts';
import { makeDevice, makeMesh, meshes, online, room, type Device } from './test-mesh.ts';

const patient = { timeout: 30_000, interval: 50 };
const not = (devices: Device[], ...without: Device[]) => devices.filter((device) => !without.includes(device));
const links = (mesh: Mesh) => mesh.open().length;
const connecting = (mesh: Mesh) => mesh.connectionStates().filter((state) => state !== 'none' && state !== 'closed').length;

async function crowd(count: number) {
  const network = new FakeNetwork();
  const signalers = new Map<DeviceId, MemorySignaler>();
  const devices = await Promise.all(Array.from({ length: count }, makeDevice));
  const all = devices.map((own) => ({ own, mesh: makeMesh(own, signalers, network.rtc).mesh }));
  return { devices, all };
}

afterEach(() => meshes.splice(0).forEach((mesh) => mesh.stop()));

describe('a large room (MESH9)', () => {
  it('has so many links a device, the same from both ends; the others are reached by the relay', { timeout: 60_000 }, async () => {
    const { devices, all } = await crowd(40);
    for (const { own, mesh } of all) mesh.expect(room, not(devices, own).map(online));
    for (const { mesh } of all) await expect.poll(() => links(mesh), patient).toBe(linksPerRoom);
    for (const { own, mesh } of all) {
      expect(connecting(mesh)).toBe(linksPerRoom);
      const reach = not(devices, own).map(({ device }) => mesh.reach(device, true));
      expect(reach.filter((way) => way === 'direct')).toHaveLength(linksPerRoom);
      expect(reach.filter((way) => way === 'relay')).toHaveLength(39 - linksPerRoom);
    }
  });

  it('takes another in for who has gone', { timeout: 60_000 }, async () => {
    const { devices, all } = await crowd(30);
    for (const { own, mesh } of all) mesh.expect(room, not(devices, own).map(online));
    for (const { mesh } of all) await expect.poll(() => links(mesh), patient).toBe(linksPerRoom);
    const gone = all.pop()!;
    gone.mesh.stop();
    for (const { own, mesh } of all) mesh.expect(room, not(devices, own, gone.own).map(online));
    for (const { mesh } of all) await expect.poll(() => links(mesh), patient).toBe(linksPerRoom);
  });

  it('lets go of those that others came between, once they are many', { timeout: 60_000 }, async () => {
    const { devices, all } = await crowd(400);
    all.sort((one, other) => (one.own.device < other.own.device ? -1 : 1)); // the first makes every offer
    const [{ own, mesh }, ...others] = all as [(typeof all)[0], ...typeof all];
    for (const other of others) other.mesh.expect(room, [{ ...online(own), online: false }]);
    const shuffled = devices.filter((each) => each !== own);
    for (const there of [24, 100, 399]) {
      const now = shuffled.slice(0, there).map(online);
      mesh.expect(room, now);
      await expect.poll(() => connecting(mesh) === links(mesh) && links(mesh) >= linksPerRoom, patient).toBe(true);
      mesh.expect(room, now);
      expect(links(mesh)).toBeLessThanOrEqual(2 * linksPerRoom);
    }
  });

  it('is one of many: all of them together have their bound, too', async () => {
    const { devices, all } = await crowd(1);
    const { mesh } = all[0]!;
    for (let i = 0; i < 6; i++) {
      const others = await Promise.all(Array.from({ length: 30 }, makeDevice));
      mesh.expect(crypto.randomUUID(), others.map(online));
      devices.push(...others);
    }
    const tried = () => devices.filter(({ device }) => mesh.reach(device, true) === 'connecting').length;
    expect(tried()).toBe(linksInAll);

    const others = await Promise.all(Array.from({ length: 30 }, makeDevice));
    devices.push(...others);
    mesh.expect(room, others.map(online), false); // nothing else carries there
    expect(tried()).toBe(linksInAll + 30);
  });
});
