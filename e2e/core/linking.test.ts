import { afterEach, describe, expect, it } from 'vitest';
import { NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
const people: NodePerson[] = [];
afterEach(async () => {
  for (const person of people.splice(0)) person.stop();
  await server.stop();
});

/** Ann and Bob have talked: more than a page, with an edit, a deletion and a reaction. */
async function talk() {
  server = await TestServer.start();
  const ann = new NodePerson(server, 'ann');
  const bob = new NodePerson(server, 'bob');
  people.push(ann, bob);
  await ann.setUp('Lobby');
  const annsRoom = await ann.enter('Lobby');
  const { secret } = await ann.client.account.invite({ uses: 1 });
  await bob.register(secret);
  const bobsRoom = await bob.enter('Lobby');
  await until(annsRoom.roster, ({ members }) => members.length === 2 && members.every(({ joining }) => !joining));
  const texts: string[] = [];
  for (let i = 0; i < 130; i++) {
    const [room, text] = i % 2 ? [bobsRoom, `bob ${i}`] : [annsRoom, `ann ${i}`];
    texts.push(text);
    const mid = await room.say(i === 128 ? 'a slip' : text);
    if (i === 128) await room.edit(mid, text);
    await until(i % 2 ? annsRoom.timeline : bobsRoom.timeline, ({ items }) =>
      items.some((item) => item.type === 'message' && item.text === text),
    );
  }
  return { ann, bob, annsRoom, bobsRoom, texts };
}

/** A second browser of Ann's. */
async function secondBrowser(): Promise<NodePerson> {
  const phone = new NodePerson(server, 'ann');
  people.push(phone);
  await phone.client.start();
  await phone.client.doors.login('ann', phone.password);
  await until(phone.client.session, ({ state }) => state === 'needs-device');
  return phone;
}

async function everything(room: ReturnType<NodePerson['client']['room']>): Promise<string[]> {
  while (room.timeline.value.hasOlder) {
    const before = room.timeline.value.items.length;
    await room.older();
    await until(room.timeline, ({ items, hasOlder }) => items.length > before || !hasOlder);
  }
  return textsOf(room);
}

describe('a linked device (E2E8)', () => {
  it('gets the history of each room from an older device, page after page, and is not behind after', async () => {
    const { ann, bobsRoom, annsRoom, texts } = await talk();
    const phone = await secondBrowser();
    const { code, done } = await ann.client.offerLink();
    await phone.client.useLink(code);
    await done;
    await phone.ready();
    const room = await phone.enter('Lobby');
    await bobsRoom.say('hello both');
    const all = [...texts, 'hello both'];
    for (let i = 0; i < 60 && (await everything(room)).length < all.length; i++) await new Promise((r) => setTimeout(r, 500));
    expect(await everything(room)).toEqual(all);
    expect(room.view.value.unread).toBeLessThanOrEqual(1); // only what was said after it came in
    expect(room.timeline.value.items.some((item) => item.type === 'notice' && item.notice.kind === 'gap')).toBe(false);
    await room.say('from the phone');
    await shows(annsRoom, [...textsOf(annsRoom).filter((text) => text !== 'from the phone'), 'from the phone']);
  });

  it('but a browser whose owner reset the account key gets nothing from before', async () => {
    const { ann } = await talk();
    const again = await secondBrowser();
    await again.client.resetAccountKey();
    await again.ready();
    const room = await again.enter('Lobby');
    await room.say('who am I?');
    await shows(room, ['who am I?']);
    expect(ann.client.session.value.state).not.toBe('needs-device');
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // what should not come has had time to
    expect(textsOf(room)).toEqual(['who am I?']);
  });
});
