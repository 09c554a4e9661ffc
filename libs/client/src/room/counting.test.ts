import { afterEach, describe, expect, it } from 'vitest';
import { world, type Device } from '../sealing/test-world.ts';
import { TestRoom } from './test-room.ts';
import type { RoomRow } from './rows.ts';
import { countOf } from '../site/notice-settings.ts';

const open: TestRoom[] = [];
afterEach(() => {
  for (const { room, trouble } of open.splice(0)) {
    expect(trouble).toEqual([]);
    room.stop();
  }
});

async function cast() {
  const { server, devices } = await world(2);
  const [ann, bob] = devices as [Device, Device];
  const [a, b] = [new TestRoom(ann, server.room), new TestRoom(bob, server.room)];
  open.push(a, b);
  await Promise.all([a.idle(), b.idle()]);
  return { a, b, me: bob.identity.user, room: server.room };
}
/** What Ann says comes to Bob. */
async function says(a: TestRoom, b: TestRoom, text: string, mentions: string[] = []): Promise<void> {
  await a.room.say(text, { mentions });
  await a.idle();
  await b.gets(a.relay.sent.at(-1)!.envelope);
}

describe('unread messages (PRES2)', () => {
  it('are counted apart when they call one by name, and none is left once they are read', async () => {
    const { a, b, me } = await cast();
    await says(a, b, 'anybody?');
    await says(a, b, '@bob you?', [me]);
    await says(a, b, '@ann, that is me', [a.device.identity.user]);
    expect(b.room.line.value).toMatchObject({ unread: 3, mentions: 1 });
    await b.room.markRead();
    expect(b.room.line.value).toMatchObject({ unread: 0, mentions: 0 });
  });

  it('are heard of at once, with who is called; one’s own and those of blocked people are not', async () => {
    const { a, b, me } = await cast();
    await says(a, b, 'anybody?');
    await says(a, b, '@bob you?', [me]);
    await b.room.say('here');
    b.blocked.add(a.device.identity.user);
    await says(a, b, 'still there?');
    expect(b.heard.map((event) => event.kind === 'message' && [event.text, event.mentioned])).toEqual([
      ['anybody?', false],
      ['@bob you?', true],
    ]);
    expect(a.heard).toEqual([]);
  });

  it('all call one in a conversation of two', async () => {
    const { a, b, room } = await cast();
    const row = (await b.store.get<RoomRow>('rooms', room)) ?? { name: '', topic: '', unread: 0, last: null, draft: '', left: null };
    const about = { kind: 'direct' as const, icon: null, for: null, slug: null, with: a.device.identity.user };
    const settings = { disappearAfterMs: null, retentionDays: null, welcome: [], passwordVersion: 0 };
    await b.store.write([{ table: 'rooms', key: room, value: { ...row, about: { ...about, settings } } }]);
    b.restart();
    await says(a, b, 'hello');
    expect(b.room.line.value).toMatchObject({ unread: 1, mentions: 1 });
  });
});

describe('the title (PRES2)', () => {
  it.each([
    ['everything', 5],
    ['mentions', 2],
    ['nothing', 0],
  ] as const)('counts what a room at “%s” wants counted', (level, count) => expect(countOf({ level, unread: 5, mentions: 2 })).toBe(count));
});
