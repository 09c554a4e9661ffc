import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromBase64url, toBase64url } from '../../../libs/protocol/src/index.ts';
import { carriesWords } from '../groups/sealed-at.ts';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { PushService } from '../testing/push-service.ts';
import { PASSWORD, World } from '../testing/world.ts';
import { Presence } from '../presence/presence.service.ts';
import { checkEndpoint } from './endpoints.ts';
import { Subscriptions } from './subscriptions.service.ts';

let world: World;
let ann: Member;
let bob: Member;
let room: string;
let service: PushService;
let number = 0;

beforeAll(async () => {
  world = await World.open({ PUSH_ALLOW_LOOPBACK: 'on', PUSH_EVERY_SECONDS: '1' });
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob');
});
afterAll(() => world.close());

beforeEach(async () => {
  service = await PushService.open();
  room = (await ann.call('POST', '/api/rooms', { name: `Room ${++number}` })).body.id as string;
  for (const member of [ann, bob]) {
    await member.connect();
    await member.join(room);
  }
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
});
afterEach(() => service.close());

const subscribe = (member: Member, quiet: string[] = []) => member.call('PUT', '/api/push', { ...service.subscription(), quiet });
const kept = () =>
  world.server.app.get(Database).rows<{ device: string; endpoint: string }>('select device, endpoint from push_subscription');
async function away(member: Member): Promise<void> {
  member.client.close();
  await member.client.closed;
  const presence = world.server.app.get(Presence);
  while (presence.isConnected(member.device)) await new Promise((resolve) => setTimeout(resolve, 10));
}
/** Words carry their commitment in the clear, as real clients seal them; 32 bytes. */
async function says(text: string, to = [bob]): Promise<Uint8Array> {
  const { ciphertext } = await ann.sealer.seal(room, new TextEncoder().encode(text), new Uint8Array(32).fill(7));
  ann.hand(room, ciphertext, to);
  await ann.client.next('held');
  return ciphertext;
}

describe('push (PRES4)', () => {
  it('tells a device that is away, with the envelope that only its room can open, and under the server’s own key', async () => {
    expect((await subscribe(bob)).status).toBe(204);
    const { key, subscribed } = (await bob.call('GET', '/api/push')).body as { key: string; subscribed: boolean };
    expect(subscribed).toBe(true);
    await away(bob);
    const ciphertext = await says('the cake is ready');
    const { payload, headers, body } = await service.at(0);
    expect(payload).toMatchObject({ v: 1, user: bob.person.id, room, sealed: toBase64url(ciphertext) });
    expect(new TextDecoder().decode((await bob.sealer.open(room, fromBase64url(payload.sealed!))).content)).toBe('the cake is ready');
    expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high' });
    expect(headers.authorization).toContain(key);
    expect(headers.topic).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(body.toString('latin1')).not.toContain(room);
  });

  it('leaves alone who is connected', async () => {
    const gus = await Member.come(world, 'gus');
    await gus.join(room);
    await gus.enter(room);
    for (const member of [ann, bob]) await member.follow(room);
    for (const member of [bob, gus]) await subscribe(member);
    await away(gus);
    await says('you are here', [bob, gus]);
    expect((await service.at(0)).payload.user).toBe(gus.person.id); // Bob would have been told before
    await gus.call('DELETE', '/api/push');
  });

  it('knows what carries words from what does not, without reading either', async () => {
    expect(carriesWords(await ann.sealed(room, 'a receipt, say'))).toBe(false);
    await subscribe(bob);
    await away(bob);
    expect(carriesWords(await says('hello'))).toBe(true);
    await service.at(0);
  });

  it('tells of a burst once, and of what came meanwhile once more', async () => {
    await subscribe(bob);
    await away(bob);
    await says('one');
    const first = await says('two');
    expect((await service.at(0)).payload.sealed).toBe(toBase64url(first));
    await says('three');
    const last = await says('four');
    expect((await service.at(1)).payload.sealed).toBe(toBase64url(last));
    expect(service.pushed[0]?.headers.topic).toBe(service.pushed[1]?.headers.topic);
    expect(service.pushed).toHaveLength(2);
  });

  it('names only the envelope when it is too large', async () => {
    await subscribe(bob);
    await away(bob);
    await says('x'.repeat(4_000));
    const { payload } = await service.at(0);
    expect(payload.sealed).toBeUndefined();
    expect(payload.eid).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('is silent about muted rooms, and to who does not want to be disturbed', async () => {
    const told = async () => (await world.server.app.get(Subscriptions).of(bob.device, room)) !== null;
    await subscribe(bob);
    expect(await told()).toBe(true);
    await subscribe(bob, [room]);
    expect(await told()).toBe(false);
    await subscribe(bob);
    await world.call('PUT', '/api/me/status', { status: 'dnd' }, bob.person.token);
    expect(await told()).toBe(false);
    await world.call('PUT', '/api/me/status', { status: 'busy' }, bob.person.token);
    expect(await told()).toBe(true);
    await bob.call('POST', `/api/rooms/${room}/leave`, {});
    expect(await told()).toBe(false);
  });

  it('tries again where the service is busy, and forgets a subscription that is gone', async () => {
    await subscribe(bob);
    await away(bob);
    service.answers = (n) => (n === 0 ? 503 : 410);
    await says('busy');
    await service.at(1);
    await vi.waitFor(async () => expect(await kept()).toEqual([]), 30_000);
    expect((await bob.call('GET', '/api/push')).body).toMatchObject({ subscribed: false });
  });

  it('goes with the session, and with the device', async () => {
    const carl = await Member.come(world, 'carl');
    await subscribe(carl);
    expect((await kept()).map(({ device }) => device)).toEqual([carl.device]);
    const login = await world.call('POST', '/api/auth/login', { username: 'carl', password: PASSWORD });
    await world.call('DELETE', '/api/me/sessions', undefined, login.body.accessToken as string);
    await vi.waitFor(async () => expect(await kept()).toEqual([]), 30_000);
    const dora = await Member.come(world, 'dora');
    await subscribe(dora);
    expect((await dora.call('DELETE', `/api/me/devices/${dora.device}`)).status).toBe(204);
    expect(await kept()).toEqual([]);
  });

  it('keeps its keys over a restart', async () => {
    const before = (await ann.call('GET', '/api/push')).body as { key: string };
    const [row] = await world.server.app.get(Database).rows<{ key: string }>('select public_key as key from push_key');
    expect(before.key).toBe(row?.key);
    expect(fromBase64url(before.key)).toHaveLength(65);
  });
});

describe('the address of a subscription', () => {
  it.each([
    'http://push.example.org/1',
    'https://127.0.0.1/1',
    'https://[::1]/1',
    'https://10.1.2.3/1',
    'https://169.254.169.254/latest',
    'https://[::ffff:10.0.0.1]/1',
    'https://[fd00::1]/1',
    'https://localhost/1',
    'https://postgres:5432/1',
    'https://me:secret@push.example.org/1',
    'file:///etc/passwd',
    'nonsense',
  ])('is refused: %s', (endpoint) => expect(() => checkEndpoint(endpoint, false)).toThrow(/endpoint/));

  it('is taken where a push service may be', () => {
    expect(() => checkEndpoint('https://fcm.googleapis.com/fcm/send/abc', false)).not.toThrow();
    expect(() => checkEndpoint('http://127.0.0.1:4000/1', true)).not.toThrow();
    expect(() => checkEndpoint('http://10.0.0.1/1', true)).toThrow(/endpoint/);
  });
});
