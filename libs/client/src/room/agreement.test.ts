import { describe, expect, it, vi } from 'vitest';
import type { Roster } from '../sealing/sealer.ts';
import { Agreement } from './agreement.ts';
import type { RoomContext } from './context.ts';
import type { AuthorRow } from './rows.ts';

const room = '00000000-0000-4000-8000-000000000000';
const [ann, bob, cyd] = ['a', 'b', 'c'].map((letter) => `00000000-0000-4000-8000-00000000000${letter}`) as [string, string, string];
const leaf = (device: string) => ({ leaf: 0, device, user: device, deviceKey: new Uint8Array(32), accountKey: new Uint8Array(32) });
const author = (first: number, last: number): AuthorRow => ({
  user: '',
  deviceKey: new Uint8Array(),
  first,
  aseq: last,
  mid: '',
  highest: last,
  read: 0,
});

/** A member whose mesh is a list of what it told. */
function member(
  device: string,
  { epoch = 1, key = 1, authors = {}, said = 0 }: { epoch?: number; key?: number; authors?: Record<string, AuthorRow>; said?: number } = {},
) {
  const told: { to: string; body: Uint8Array }[] = [];
  const lacking: unknown[] = [];
  const splits: true[] = [];
  const here = { epoch };
  const open = new Set<string>();
  const roster = (): Roster => ({
    generation: 0,
    epoch: here.epoch,
    leaves: [ann, bob, cyd].map(leaf),
    removing: [],
    authenticator: new Uint8Array(32).fill(key),
    context: new Uint8Array(32),
    sealedSinceUpdate: 0,
    entry: { by: 'open' },
    updatedAt: 0,
  });
  const mesh = { reaches: (other: string) => open.has(other), tell: (to: string, body: Uint8Array) => told.push({ to, body }) > 0 };
  const agreement = new Agreement({ room, me: { user: device, device }, mesh } as unknown as RoomContext, {
    roster,
    authors: new Map(Object.entries(authors)),
    said: () => said,
    lacking: async (...what) => void lacking.push(what),
    split: async () => void splits.push(true),
  });
  const link = (other: string) => {
    open.add(other);
    agreement.linksChanged();
    return told.at(-1)!.body;
  };
  return { agreement, told, lacking, splits, link, here };
}

describe('members compare where they stand (E2E6, delivery.md D5)', () => {
  it('the same epoch with other keys means the room was split: nothing is sealed until the epoch moves on', async () => {
    const [a, b] = [member(ann, { key: 1 }), member(bob, { key: 2 })];
    await a.agreement.hear(bob, b.link(ann));
    expect(a.splits).toHaveLength(1);
    expect(a.agreement.split).toBe(true);
    a.here.epoch++;
    expect(a.agreement.split).toBe(false);
  });

  it('but the same keys, or another epoch, mean nothing of the kind', async () => {
    const [a, same, ahead] = [member(ann), member(bob), member(cyd, { epoch: 2, key: 9 })];
    await a.agreement.hear(bob, same.link(ann));
    await a.agreement.hear(cyd, ahead.link(ann));
    expect(a.splits).toEqual([]);
    expect(a.agreement.split).toBe(false);
  });

  it('asks for an author of whom nothing ever came, for the last words, and for the first', async () => {
    const peer = member(bob, { authors: { [cyd]: author(1, 4) } });
    const nothing = member(ann);
    await nothing.agreement.hear(bob, peer.link(ann));
    expect(nothing.lacking).toEqual([[cyd, 1, 4, bob]]);
    const lastMissing = member(ann, { authors: { [cyd]: author(1, 3) } });
    await lastMissing.agreement.hear(bob, peer.link(ann));
    expect(lastMissing.lacking).toEqual([[cyd, 4, 4, bob]]);
    const firstMissing = member(ann, { authors: { [cyd]: author(3, 4) } });
    await firstMissing.agreement.hear(bob, peer.link(ann));
    expect(firstMissing.lacking).toEqual([[cyd, 1, 2, bob]]);
    const complete = member(ann, { authors: { [cyd]: author(1, 4) } });
    await complete.agreement.hear(bob, peer.link(ann));
    expect(complete.lacking).toEqual([]);
  });

  it('tells its own last word, too, and again while people talk: a server may have kept it from everybody', async () => {
    vi.useFakeTimers();
    const a = member(ann, { authors: { [bob]: author(1, 2) } });
    const b = member(bob, { said: 3 });
    await a.agreement.hear(bob, b.link(ann));
    expect(a.lacking).toEqual([[bob, 3, 3, bob]]);
    b.agreement.wordsMoved();
    b.agreement.wordsMoved();
    expect(b.told).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(b.told).toHaveLength(2);
    vi.useRealTimers();
  });

  it('asks twice for the same at most, and listens to members of the group alone', async () => {
    const peer = member(bob, { authors: { [cyd]: author(1, 4) } });
    const a = member(ann);
    const body = peer.link(ann);
    for (let i = 0; i < 5; i++) await a.agreement.hear(bob, body);
    expect(a.lacking).toHaveLength(2);
    const stranger = member(ann);
    await stranger.agreement.hear('00000000-0000-4000-8000-00000000000d', body);
    await stranger.agreement.hear(bob, new TextEncoder().encode('{"type":"heads"}'));
    expect(stranger.lacking).toEqual([]);
  });

  it('tells each member once when the link opens', () => {
    const a = member(ann);
    a.link(bob);
    a.agreement.linksChanged();
    expect(a.told.map(({ to }) => to)).toEqual([bob]);
    a.link(cyd);
    expect(a.told.map(({ to }) => to)).toEqual([bob, cyd]);
  });
});
