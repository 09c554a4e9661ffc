import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceId, RoomId } from '../../protocol/src/index.ts';
import { MemorySignaler } from './mesh/memory-signaler.ts';
import { Mesh } from './mesh/mesh.ts';
import { NodePeerConnection } from './mesh/node-rtc.ts';
import { makeDevice, meshes, online, reached, room } from './mesh/test-mesh.ts';
import { Privacy } from './privacy.ts';
import { memoryDisk, openMemoryStore } from './storage/memory-store.ts';

const cellar = '22222222-2222-4222-8222-222222222222';
const stun: RTCConfiguration = { iceServers: [{ urls: ['stun:127.0.0.1:1'] }] };
/** Nobody answers there: what matters is what leaves. The lab tries it with a real one. */
const turn: RTCConfiguration = { iceServers: [...stun.iceServers!, { urls: ['turn:127.0.0.1:1'], username: 'u', credential: 'c' }] };

type Said = { from: DeviceId; data: string };

/** Notes what a device says as it says it: some of it arrives a moment later. */
class OverheardSignaler extends MemorySignaler {
  constructor(
    private readonly from: DeviceId,
    others: Map<DeviceId, MemorySignaler>,
    private readonly said: Said[],
  ) {
    super(from, others);
  }

  override signal(where: RoomId, to: DeviceId, data: string): boolean {
    this.said.push({ from: this.from, data });
    return super.signal(where, to, data);
  }
}

/** Two devices of one room with real WebRTC, the privacy switch of the first, and everything that either says to the other. */
async function pair(configuration: RTCConfiguration, lower: boolean) {
  const [one, other] = (await Promise.all([makeDevice(), makeDevice()])).sort((a, b) => (a.device < b.device === lower ? -1 : 1));
  const privacy = new Privacy(openMemoryStore(memoryDisk()));
  const signalers = new Map<DeviceId, MemorySignaler>();
  const said: Said[] = [];
  const mesh = (own: typeof one, configure: (rooms: string[]) => RTCConfiguration | null) => {
    const signaler = new OverheardSignaler(own.device, signalers, said);
    const made = new Mesh({ rtc: NodePeerConnection, configuration: configure, own, signaler, visible: () => true });
    meshes.push(made);
    return made;
  };
  const near = mesh(one, (rooms) => privacy.configure(rooms, configuration));
  const far = mesh(other, () => configuration);
  const hide = async (where: string | null, on: boolean) => {
    await privacy.hide(where, on);
    near.refresh();
  };
  const meet = () => {
    near.expect(room, [online(other)]);
    far.expect(room, [online(one)]);
  };
  return { near, far, one, other, hide, meet, said, byNear: () => said.filter(({ from }) => from === one.device).map(({ data }) => data) };
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const address = /typ (host|srflx|prflx)/;

describe.each([
  ['whoever begins', true],
  ['whoever answers', false],
])('the privacy switch of %s (MESH10)', (_, lower) => {
  afterEach(() => meshes.splice(0).forEach((mesh) => mesh.stop()));

  it('lets no address leave: no signal holds a candidate that is not relayed', async () => {
    const { hide, meet, byNear, said, near, other } = await pair(turn, lower);
    await hide(room, true);
    meet();
    while (!byNear().some((data) => data.includes('description'))) await wait(20);
    await wait(1_000);
    expect(byNear().join('\n')).not.toMatch(address);
    expect(byNear().join('\n')).not.toMatch(/c=IN IP4 (?!0\.0\.0\.0)/);
    expect(said.map(({ data }) => data).join('\n')).toMatch(address); // the other hides nothing: the test can see what it looks for
    expect(near.reaches(other.device)).toBe(false);
  });

  it('makes no connection at all where there is no TURN: relay only', async () => {
    const { hide, meet, byNear, near, far, one, other } = await pair(stun, lower);
    await hide(null, true);
    meet();
    await wait(1_500);
    expect(byNear()).toEqual([]);
    expect([near.reaches(other.device), far.reaches(one.device)]).toEqual([false, false]);
    expect(near.reach(other.device, true)).toBe('relay');
    expect(near.connectionStates().filter((state) => state !== 'none')).toEqual([]);
  });

  it('takes effect at once: an open link ends when it is turned on, and comes back when it is turned off', async () => {
    const { hide, meet, said, byNear, near, far, one, other } = await pair(stun, lower);
    meet();
    await Promise.all([reached(near, other.device), reached(far, one.device)]);
    await hide(room, true);
    expect(near.reaches(other.device)).toBe(false);
    said.length = 0;
    await wait(300);
    expect(byNear()).toEqual([]);
    await hide(room, false);
    await reached(near, other.device);
  });

  it('refuses an offer by hand that would show an address', async () => {
    const { hide, meet, near } = await pair(stun, lower);
    await hide(room, true);
    meet();
    await expect(near.byHand.offer()).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('to whom an address is hidden (MESH10)', () => {
  const policy = (privacy: Privacy, rooms: string[]) => privacy.configure(rooms, turn)?.iceTransportPolicy ?? 'all';

  it('to those all of whose shared rooms hide it: another room has shown it already', async () => {
    const privacy = new Privacy(openMemoryStore(memoryDisk()));
    expect(policy(privacy, [room])).toBe('all');
    await privacy.hide(room, true);
    expect([policy(privacy, [room]), policy(privacy, [room, cellar]), policy(privacy, [cellar])]).toEqual(['relay', 'all', 'all']);
    await privacy.hide(cellar, true);
    expect(policy(privacy, [room, cellar])).toBe('relay');
    await privacy.hide(cellar, false);
    await privacy.hide(null, true);
    expect(policy(privacy, [cellar])).toBe('relay');
  });

  it('to whoever may come, when any room hides it', async () => {
    const privacy = new Privacy(openMemoryStore(memoryDisk()));
    expect(policy(privacy, [])).toBe('all');
    await privacy.hide(room, true);
    expect(policy(privacy, [])).toBe('relay');
  });

  it('over restarts', async () => {
    const disk = memoryDisk();
    await new Privacy(openMemoryStore(disk)).hide(room, true);
    const again = new Privacy(openMemoryStore(disk));
    await again.load();
    expect(policy(again, [room])).toBe('relay');
    expect(again.view.value).toEqual({ everywhere: false, rooms: new Set([room]), tellsRead: true });
  });
});
