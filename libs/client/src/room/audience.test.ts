import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { Audience } from './audience.ts';

const [me, bob, eve] = ['me', 'bob', 'eve'];
const leaf = (user: string, key: number) => ({
  leaf: 0,
  device: `${user}${key}`,
  user,
  deviceKey: new Uint8Array(32),
  accountKey: new Uint8Array(32).fill(key),
});
const group = (entry: Entry, ...leaves: ReturnType<typeof leaf>[]) => ({ entry, leaves }) as Roster;
const careful: Entry[] = [{ by: 'password' }, { by: 'closed' }];
const direct: Entry = { by: 'direct', users: [bob, me] };

async function inRoom() {
  const people = { suspects: new Set<string>(), changed: new Set<string>() };
  const ctx = {
    room: 'room',
    store: openMemoryStore(),
    me: { user: me },
    people: { suspect: (user: string) => people.suspects.has(user), keyChanged: (user: string) => people.changed.has(user) },
  };
  const open = async () => {
    const audience = new Audience(ctx as never);
    await audience.load();
    return audience;
  };
  return { people, open, audience: await open() };
}

describe.each(careful)('the first words in a room that is not open ($by)', (entry) => {
  it('wait once somebody came whom nobody has seen, until they are sent anyway; over a restart too', async () => {
    const { audience, open } = await inRoom();
    const before = group(entry, leaf(me, 1), leaf(bob, 2));
    await audience.moved(before);
    expect(audience.asks(before)).toBe(false);
    const after = group(entry, leaf(me, 1), leaf(bob, 2), leaf(eve, 3));
    await audience.moved(after);
    expect(audience.asks(after)).toBe(true);
    const again = await open();
    expect(again.asks(after)).toBe(true);
    await again.acknowledge(after);
    expect(again.asks(after)).toBe(false);
    expect((await open()).asks(after)).toBe(false);
  });

  it('wait when somebody came back with another key, not for another device of theirs or one’s own', async () => {
    const { audience } = await inRoom();
    await audience.moved(group(entry, leaf(me, 1), leaf(bob, 2)));
    expect(audience.asks(group(entry, leaf(me, 1), leaf(bob, 2), leaf(bob, 2)))).toBe(false);
    const reset = group(entry, leaf(me, 1), leaf(bob, 9));
    await audience.moved(reset);
    expect(audience.asks(reset)).toBe(true);
    const ownReset = group(entry, leaf(me, 7), leaf(bob, 2));
    await audience.moved(ownReset);
    expect(audience.asks(ownReset)).toBe(false);
  });

  it('go at once to whom one has let in oneself', async () => {
    const { audience } = await inRoom();
    await audience.moved(group(entry, leaf(me, 1)));
    const after = group(entry, leaf(me, 1), leaf(eve, 3));
    await audience.moved(after, [eve]);
    expect(audience.asks(after)).toBe(false);
  });
});

describe('the first words of a conversation of two', () => {
  it('go at once when the other comes, and wait when they come with another key', async () => {
    const { audience, people } = await inRoom();
    await audience.moved(group(direct, leaf(me, 1)));
    const both = group(direct, leaf(me, 1), leaf(bob, 2));
    await audience.moved(both);
    expect(audience.asks(both)).toBe(false);
    people.changed.add(bob); // known elsewhere by another key
    expect(audience.asks(both)).toBe(true);
    people.changed.clear();
    await audience.acknowledge(both);
    expect(audience.asks(group(direct, leaf(me, 1), leaf(bob, 9)))).toBe(true);
  });
});

describe('the first words in an open room', () => {
  it('go at once to whoever came, but not to a verified contact with another key', async () => {
    const { audience, people } = await inRoom();
    await audience.moved(group({ by: 'open' }, leaf(me, 1)));
    const after = group({ by: 'open' }, leaf(me, 1), leaf(eve, 3));
    expect(audience.asks(after)).toBe(false);
    people.suspects.add(eve);
    expect(audience.asks(after)).toBe(true);
  });
});
