import { afterEach, describe, expect, it } from 'vitest';
import { toBase64url, type PushPayload } from '../../../protocol/src/index.ts';
import type { Envelope } from '../delivery/link.ts';
import { keys, type RoomRow } from '../room/rows.ts';
import { TestRoom } from '../room/test-room.ts';
import { commit, newDevice, world, type Device } from '../sealing/test-world.ts';
import { noticeOfPush } from './closed-app.ts';
import type { NoticeLanguage } from './wording.ts';
import type { NoticesRow } from './notices-row.ts';

const open: TestRoom[] = [];
afterEach(() => {
  for (const { room, trouble } of open.splice(0)) {
    expect(trouble).toEqual([]);
    room.stop();
  }
});
const usual: NoticesRow = { levels: [], sounds: [], desktop: true, shows: 'words', comings: true };

/** Ann says something; Bob's app is closed, what he stores is there. */
async function cast() {
  const { server, devices } = await world(3);
  const [ann, bob, clerk] = devices as [Device, Device, Device];
  const [a, b] = [new TestRoom(ann, server.room), new TestRoom(bob, server.room)];
  open.push(a, b);
  await Promise.all([a.idle(), b.idle()]);
  const person = (id: string, displayName: string) => ({
    id,
    username: displayName.toLowerCase(),
    displayName,
    accountKey: null,
    avatar: null,
  });
  await b.people.met([person(ann.identity.user, 'Ann')]);
  const row = (await b.store.get<RoomRow>('rooms', server.room)) ?? { topic: '', unread: 0, last: null, draft: '', left: null };
  await b.store.write([{ table: 'rooms', key: server.room, value: { ...row, name: 'Kitchen' } }]);
  const settings = (change: Partial<NoticesRow>) => b.store.write([{ table: 'meta', key: 'notices', value: { ...usual, ...change } }]);
  await settings({});
  const pushed = ({ eid, ciphertext }: Envelope): PushPayload => ({
    v: 1,
    user: bob.identity.user,
    room: server.room,
    eid,
    sealed: toBase64url(ciphertext),
  });
  return {
    a,
    b,
    ann,
    bob,
    clerk,
    server,
    settings,
    pushed,
    room: server.room,
    notice: (payload: PushPayload, language?: NoticeLanguage) => noticeOfPush(b.store, payload, language),
  };
}

describe('a push while the app is closed (PRES4)', () => {
  it('shows who wrote and what, and changes nothing: the app opens the same envelope later', async () => {
    const { a, b, pushed, notice, room } = await cast();
    const envelope = await a.said('the cake is ready');
    const before = JSON.stringify(await b.store.range('epochs', { prefix: '' }));
    const shown = await notice(pushed(envelope));
    expect(shown).toMatchObject({ title: 'Ann · Kitchen', body: 'the cake is ready', room });
    expect(await notice(pushed(envelope))).toEqual(shown);
    expect(JSON.stringify(await b.store.range('epochs', { prefix: '' }))).toBe(before);
    expect(await b.gets(envelope)).toEqual([envelope.eid]);
    expect(await b.texts()).toEqual(['the cake is ready']);
    expect(await notice(pushed(envelope))).toBeNull(); // the app has it
  });

  it('shows no more than is wanted', async () => {
    const { a, settings, pushed, notice } = await cast();
    const payload = pushed(await a.said('a secret'));
    await settings({ shows: 'sender' });
    expect(await notice(payload)).toMatchObject({ title: 'Ann · Kitchen', body: 'New message' });
    await settings({ shows: 'nothing' });
    expect(await notice(payload)).toMatchObject({ title: 'Conclave', body: 'New message', mid: null });
    await settings({ desktop: false });
    expect(await notice(payload)).toBeNull();
  });

  it('speaks the language that was chosen, and leaves what somebody said as it is (APP4)', async () => {
    const { a, b, ann, settings, pushed, notice } = await cast();
    const payload = pushed(await a.said('the cake is ready'));
    const { sealed: _, ...bare } = payload;
    expect(await notice(payload, 'zh')).toMatchObject({ title: 'Ann · Kitchen', body: 'the cake is ready' });
    expect(await notice(bare, 'zh')).toMatchObject({ title: 'Kitchen', body: 'Kitchen 有新消息' });
    await b.store.write([{ table: 'people', key: ann.identity.user, value: null }]);
    expect(await notice(payload, 'zh')).toMatchObject({ title: '某人 · Kitchen' });
    await settings({ shows: 'sender' });
    expect(await notice(payload, 'zh')).toMatchObject({ body: '新消息' });
    await settings({ shows: 'nothing' });
    expect(await notice(payload, 'zh')).toMatchObject({ title: 'Conclave', body: '新消息' });
  });

  it('keeps to the level of the room', async () => {
    const { a, bob, room, settings, pushed, notice } = await cast();
    const plain = pushed(await a.said('anybody?'));
    await a.room.say('@bob?', { mentions: [bob.identity.user] });
    await a.idle();
    const named = pushed(a.relay.sent.at(-1)!.envelope);
    await settings({ levels: [[room, 'mentions']] });
    expect(await notice(plain)).toBeNull();
    expect(await notice(named)).toMatchObject({ body: '@bob?' });
    await settings({ levels: [[room, 'nothing']] });
    expect(await notice(named)).toBeNull();
  });

  it('is silent for what is no message, and for whom one has blocked', async () => {
    const { a, b, ann, pushed, notice } = await cast();
    const payload = pushed(await a.said('hello'));
    const { mid } = (await a.items()).find((item) => item.type === 'message')!;
    await a.room.react(mid, '👍', true);
    await a.idle();
    expect(await notice(pushed(a.relay.sent.at(-1)!.envelope))).toBeNull();
    await b.store.write([{ table: 'meta', key: 'blocks', value: [ann.identity.user] }]);
    expect(await notice(payload)).toBeNull();
  });

  it('tells in general of what cannot be opened: another epoch, too large, or rubbish', async () => {
    const { a, ann, clerk, server, pushed, notice } = await cast();
    const general = { title: 'Kitchen', body: 'New message in Kitchen', mid: null };
    const { sealed: _, ...bare } = pushed(await a.said('large'));
    expect(await notice(bare)).toMatchObject(general);
    expect(await notice({ ...bare, sealed: 'AAAA' })).toMatchObject(general);
    await commit(server, clerk, [clerk, ann], [(await (await newDevice()).sealer.keyPackages(1, false)).packages[0]!]);
    const later = await ann.sealer.seal(server.room, new Uint8Array(8), new Uint8Array(32));
    expect(await notice(pushed({ room: server.room, ...later }))).toMatchObject(general);
  });

  it('knows an envelope by its id even when it was given up', async () => {
    const { a, b, room, pushed, notice } = await cast();
    const payload = pushed(await a.said('hello'));
    await b.store.write([{ table: 'envelopes', key: keys.envelope(room, payload.eid), value: 1 }]);
    expect(await notice(payload)).toBeNull();
  });
});
