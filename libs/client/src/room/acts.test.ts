import { beforeEach, describe, expect, it } from 'vitest';
import { actStatement, toBase64url, type ModerationAct, type ModerationStatement, type SignedAct } from '../../../protocol/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { Acts } from './acts.ts';
import type { RoomContext } from './context.ts';

const room = crypto.randomUUID();
const [bob, carl] = [crypto.randomUUID(), crypto.randomUUID()];
let now = 1_800_000_000_000;
let server: { publicKey: Uint8Array; privateKey: CryptoKey };

beforeEach(async () => {
  now = 1_800_000_000_000;
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  server = { publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)), privateKey: pair.privateKey };
});

/** By the site itself: what is judged about it is its signature. */
async function act(kind: ModerationAct, user = bob, at = now, until?: number | null): Promise<SignedAct> {
  const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const said: ModerationStatement = {
    v: 1,
    act: kind,
    room,
    user,
    ...(until === undefined ? {} : { until }),
    reason: '',
    by: carl,
    device: null,
    at,
    nonce,
  };
  const statement = new TextEncoder().encode(JSON.stringify(said));
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', server.privateKey, actStatement(statement)));
  return { statement: toBase64url(statement), signature: toBase64url(signature), certificate: '' };
}

/** A device with links to these; `deaf`: nothing leaves to them now. */
function world(linked = ['one', 'two'], deaf: string[] = []) {
  const told: string[] = [];
  const store = openMemoryStore();
  const mesh = { tell: (device: string) => !deaf.includes(device) && told.push(device) > 0 };
  const ctx = { store, room, mesh, clock: { now: () => now } } as unknown as RoomContext;
  const court = {
    room,
    serverKey: server.publicKey,
    leaf: () => ({ user: carl, deviceKey: new Uint8Array(32) }),
    roleOf: () => 'member' as const,
  };
  const acts = new Acts(ctx, { court: () => court, linked: () => linked, took: async () => undefined });
  const hear = (from: string, one: SignedAct) => acts.hear(from, new TextEncoder().encode(JSON.stringify({ type: 'act', room, act: one })));
  return { acts, told, hear, ctx, deaf };
}

describe('acts that a device knows of (MOD1)', () => {
  it('put somebody out until they are gone and come again, a ban until its end or until it is taken back', async () => {
    const { acts } = world();
    await acts.take(await act('kick'), null);
    expect([acts.putOut(bob), acts.putOut(carl)]).toEqual(['kicked', null]);
    now += 1_000;
    await acts.gone([bob]);
    expect(acts.shunned(bob)).toBe(false);
    await acts.take(await act('ban', bob, now, now + 60_000), null);
    await acts.gone([bob]);
    expect(acts.putOut(bob)).toBe('banned');
    now += 60_000;
    expect(acts.putOut(bob)).toBeNull();
    await acts.take(await act('ban', bob, now, null), null);
    now += 1;
    await acts.take(await act('unban'), null);
    expect(acts.putOut(bob)).toBeNull();
  });

  it('mute for their time, and silence what was said then, not what was said before or after', async () => {
    const { acts } = world();
    const from = now;
    await acts.take(await act('mute', bob, from, from + 60_000), null);
    expect([from - 1, from, from + 59_999, from + 60_000].map((at) => acts.silenced(bob, at))).toEqual([false, true, true, false]);
    now += 10_000;
    await acts.take(await act('unmute'), null);
    expect([acts.silenced(bob, from + 5_000), acts.silenced(bob, now)]).toEqual([true, false]);
    await acts.take(await act('mute', bob, now + 20, now + 60_000), null); // by a clock that is a little ahead
    expect([acts.mutedNow(bob)?.until, acts.nextEnd]).toEqual([now + 60_000, from + 60_000]);
    await acts.take(await act('unmute', bob, now + 30), null);
    expect(acts.mutedNow(bob)).toBeNull();
  });

  it('are over for who has come since, in whatever commit; an old story of a member about somebody who is here is not believed', async () => {
    const { acts, hear } = world();
    const old = [await act('kick', bob, now - 60_000), await act('ban', bob, now - 60_000, null)];
    await acts.take(await act('kick'), null);
    now += 1_000;
    await acts.came([bob]); // out and in again by one commit
    expect(acts.shunned(bob)).toBe(false);
    for (const one of old) await hear('one', one);
    expect(acts.shunned(bob)).toBe(false);
    now += 1;
    await acts.take(await act('ban', bob, now, null), null);
    expect(acts.shunned(bob)).toBe(true);
  });

  it('are told once to everybody with a link, but to who brought them; who could not be told is told later', async () => {
    const { acts, told, hear, deaf } = world(['one', 'two', 'three'], ['three']);
    const kick = await act('kick');
    await hear('one', kick);
    await hear('two', kick);
    expect(told).toEqual(['two']);
    deaf.length = 0;
    acts.linksChanged();
    acts.linksChanged();
    expect(told.slice(1)).toEqual(['one', 'two', 'three']);
  });

  it('are kept in a bounded number, and what finds no room is not handed on', async () => {
    const { acts, told, ctx } = world(['one']);
    for (let i = 0; i < 200; i++) await acts.take(await act('mute', crypto.randomUUID(), now + i, null), null);
    told.length = 0;
    now += 200;
    await acts.take(await act('mute', bob, now - 1_000, null), null); // older than all that are kept
    expect([told, acts.muted(bob, now)]).toEqual([[], null]);
    await acts.take(await act('mute', bob, now, null), null);
    expect(told).toEqual(['one']);
    expect(await ctx.store.range('meta', { prefix: `act/${room}/` })).toHaveLength(200);
  });

  it('survive a reload', async () => {
    const { acts, ctx } = world();
    await acts.take(await act('ban', bob, now, null), null);
    const again = new Acts(ctx, { court: () => ({}) as never, linked: () => [], took: async () => undefined });
    await again.load();
    expect(again.putOut(bob)).toBe('banned');
  });
});
