import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Leaf } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import { Typing } from './typing.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => vi.useRealTimers());

const room = crypto.randomUUID();
const leaf = (name: string) => ({ device: `${name}-device`, user: name }) as Leaf;

/** Ann's side: Bob has a link to her, Carl has none. */
function world() {
  const told: { device: string; body: Uint8Array }[] = [];
  const mesh = {
    reaches: (device: string) => device === 'bob-device',
    tell: (device: string, body: Uint8Array) => told.push({ device, body }),
  };
  const typing = new Typing({ me: { user: 'ann', device: 'ann-device' }, mesh, room } as unknown as RoomContext, () =>
    ['ann', 'bob', 'carl'].map(leaf),
  );
  return { typing, told };
}
const said = (words: unknown) => new TextEncoder().encode(JSON.stringify(words));

describe('who is writing (MSG4)', () => {
  it('is told over links only, and every three seconds at most', () => {
    const { typing, told } = world();
    for (let i = 0; i < 10; i++) typing.tell();
    expect(told.map(({ device }) => device)).toEqual(['bob-device']);
    vi.advanceTimersByTime(3_000);
    typing.tell();
    expect(told).toHaveLength(2);
  });

  it('is shown until five seconds have passed without another word, or what was written has come', () => {
    const { typing } = world();
    const hear = () => typing.hear('bob-device', said({ type: 'typing', room }));
    hear();
    vi.advanceTimersByTime(4_000);
    hear();
    vi.advanceTimersByTime(4_000);
    expect(typing.users.value).toEqual(['bob']);
    vi.advanceTimersByTime(1_000);
    expect(typing.users.value).toEqual([]);
    hear();
    typing.over('bob');
    expect(typing.users.value).toEqual([]);
    typing.stop();
  });

  it('counts of members, in this room, and in this form only', () => {
    const { typing } = world();
    typing.hear('stranger', said({ type: 'typing', room }));
    typing.hear('ann-device', said({ type: 'typing', room }));
    typing.hear('bob-device', said({ type: 'typing', room: crypto.randomUUID() }));
    typing.hear('bob-device', said({ type: 'heads', room }));
    typing.hear('bob-device', new Uint8Array([0xff]));
    expect(typing.users.value).toEqual([]);
  });
});
