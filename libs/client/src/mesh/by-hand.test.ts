import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../protocol/src/index.ts';
import type { MemorySignaler } from './memory-signaler.ts';
import type { Mesh } from './mesh.ts';
import { makeDevice, makeMesh, meshes, reached, room, type Device } from './test-mesh.ts';

const away = ({ device, deviceKey }: Device) => ({ device, deviceKey, online: false });

/** Devices that share a room, and no server at all. */
async function islands(count: number): Promise<{ devices: Device[]; meshes: Mesh[] }> {
  const devices = await Promise.all(Array.from({ length: count }, makeDevice));
  const all = devices.map((own) => {
    const { mesh, signaler } = makeMesh(own, new Map<DeviceId, MemorySignaler>());
    signaler.open = false;
    return mesh;
  });
  all.forEach((mesh, i) => mesh.expect(room, devices.filter((_, j) => j !== i).map(away)));
  return { devices, meshes: all };
}

describe('back into the mesh by hand (P-26)', () => {
  afterEach(() => meshes.splice(0).forEach((mesh) => mesh.stop()));

  it('opens a link by an offer and an answer that people carry, and reaches the rest through that member', async () => {
    const { devices, meshes: all } = await islands(3);
    const [ann, bob, cyd] = all as [Mesh, Mesh, Mesh];
    const [a, b, c] = devices as [Device, Device, Device];
    const join = async (one: Mesh, other: Mesh) => {
      const { text } = await other.byHand.answer(await one.byHand.offer());
      return one.byHand.accept(text);
    };
    expect(await join(cyd, bob)).toBe(b.device);
    expect(await join(ann, bob)).toBe(b.device);
    await Promise.all([reached(ann, c.device), reached(cyd, a.device), reached(bob, a.device)]);
    expect(ann.reach(c.device, false)).toBe('direct');
  });

  it('carries the offer back to whoever has lost their page, in place of the link that is dead', async () => {
    const { devices, meshes: all } = await islands(2);
    const [ann, bob] = all as [Mesh, Mesh];
    const [a, b] = devices as [Device, Device];
    await ann.byHand.accept((await bob.byHand.answer(await ann.byHand.offer())).text);
    await reached(bob, a.device);
    const { mesh: again } = makeMesh(a, new Map<DeviceId, MemorySignaler>());
    again.expect(room, [away(b)]);
    await again.byHand.accept((await bob.byHand.answer(await again.byHand.offer())).text);
    await reached(again, b.device);
    const told = new Promise((resolve) => again.on('told', resolve));
    await reached(bob, a.device);
    bob.tell(a.device, new Uint8Array([1]));
    expect(await told).toMatchObject({ from: b.device });
  });

  it('makes texts that fit one QR code that a phone reads', async () => {
    const { meshes: all } = await islands(2);
    const offer = await all[0]!.byHand.offer();
    const { text } = await all[1]!.byHand.answer(offer);
    for (const each of [offer, text]) {
      expect(each).toMatch(/^Conclave[\w-]+$/);
      expect(each.length).toBeLessThan(600);
    }
  });

  it('refuses a device of no shared room, at either end, with words', async () => {
    const [known, stranger] = [await islands(2), await islands(2)];
    const offer = await stranger.meshes[0]!.byHand.offer();
    await expect(known.meshes[0]!.byHand.answer(offer)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('none of your rooms'),
    });
    const { text } = await stranger.meshes[1]!.byHand.answer(offer);
    await known.meshes[0]!.byHand.offer();
    await expect(known.meshes[0]!.byHand.accept(text)).rejects.toMatchObject({ code: 'forbidden' });
    expect(known.meshes[0]!.connectionStates()).toEqual([]);
  });

  it('refuses its own text, an answer in place of an offer, the answer to an earlier offer, and one answer twice', async () => {
    const { meshes: all } = await islands(2);
    const [ann, bob] = all as [Mesh, Mesh];
    const first = await ann.byHand.offer();
    await expect(ann.byHand.answer(first)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(ann.byHand.accept(first)).rejects.toMatchObject({ code: 'bad-request' });
    const { text: late } = await bob.byHand.answer(first);
    await expect(bob.byHand.answer(late)).rejects.toMatchObject({ code: 'bad-request' });
    const second = await ann.byHand.offer();
    await expect(ann.byHand.accept(late)).rejects.toMatchObject({ code: 'conflict' });
    const { text } = await bob.byHand.answer(second);
    await ann.byHand.accept(text);
    await expect(ann.byHand.accept(text)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('opens nothing to whoever answers under a member’s id without its key (D14)', async () => {
    const { devices, meshes: all } = await islands(2);
    const [a, b] = devices as [Device, Device];
    const impostor = await makeDevice();
    const { mesh: false_ } = makeMesh({ ...impostor, device: b.device }, new Map<DeviceId, MemorySignaler>());
    false_.expect(room, [away(a)]);
    const { text } = await false_.byHand.answer(await all[0]!.byHand.offer());
    await expect(all[0]!.byHand.accept(text)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('claims') });
    expect(all[0]!.open()).toEqual([]);
  });
});
