import { afterEach, describe, expect, it } from 'vitest';
import { deviceIdOf, type Body, type HistoryEntry } from '../../../protocol/src/index.ts';
import { audienceOf, freeze, signable } from '../room/statement.ts';
import { TestRoom } from '../room/test-room.ts';
import { makeKeyPair, signWith, type KeyPair } from '../sealing/identity.ts';
import { newDevice, world, type Device } from '../sealing/test-world.ts';
import type { Page } from './page.ts';
import { Transfer } from './transfer.ts';

const open: TestRoom[] = [];
afterEach(() => open.splice(0).forEach(({ room }) => room.stop()));

function transferOf(at: TestRoom, ...people: { user: string; name: string; username: string }[]): Transfer {
  return new Transfer(() => ({
    store: at.store,
    own: at.device.identity,
    rooms: () => [{ id: at.id, name: 'Hall' }],
    people: () => people,
    nameOf: (user) => (user === at.device.identity.user ? 'Ann' : 'Bob_'),
    room: (id) => (id === at.id ? at.room : undefined),
  }));
}

/** Ann and Bob have talked; and a device of somebody who was not there, in a room of the same id. */
async function scene() {
  const { server, devices } = await world(2);
  const [a, b] = (devices as [Device, Device]).map((device) => new TestRoom(device, server.room)) as [TestRoom, TestRoom];
  const stranger = new TestRoom(await newDevice(), server.room);
  open.push(a, b, stranger);
  await Promise.all(open.map((room) => room.idle()));
  await b.gets(await a.said('ann one'), a.device.identity.device);
  await a.gets(await b.said('bob two'), b.device.identity.device);
  return { a, b, stranger, room: server.room };
}

/** Words that this key signed, in the name of whomever it likes. */
async function forged(room: string, key: KeyPair, user: string, body: Body, aseq = 1, as?: string): Promise<HistoryEntry> {
  const device = as ?? (await deviceIdOf(key.publicKey));
  const order = { ms: 1_700_000_000_000 + aseq, counter: 0 };
  const { statement } = await freeze({ room, device, aseq, prev: '', audience: await audienceOf([]), at: order.ms, body });
  const signature = await signWith(key.privateKey, await signable(room, statement, order));
  return { author: device, user, deviceKey: key.publicKey, generation: 0, epoch: 0, message: { order, signature, statement } };
}
async function* pages(room: string, ...entries: HistoryEntry[]): AsyncGenerator<Page> {
  yield { kind: 'entries', room, entries };
}
const marks = async (at: TestRoom) =>
  (await at.items()).flatMap((item) => (item.type === 'message' ? [`${item.text}${item.imported ? ' (imported)' : ''}`] : []));
const blobOf = async (pieces: AsyncIterable<Uint8Array<ArrayBuffer>>) => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) parts.push(piece);
  return new Blob(parts);
};
const nothing = { added: 0, known: 0, unproved: 0, refused: 0, elsewhere: 0 };

describe('history in a file (FIND4)', () => {
  it('is known where it came from, and comes in with a mark where nothing proves its authors', async () => {
    const { a, stranger } = await scene();
    const file = await blobOf(transferOf(a).sealed('rivers under walnut', null));
    expect(await transferOf(a).take(file, 'rivers under walnut')).toEqual({ ...nothing, known: 2 });
    expect(await transferOf(stranger).take(file, 'rivers under walnut')).toEqual({ ...nothing, unproved: 2 });
    expect(await marks(stranger)).toEqual(['ann one (imported)', 'bob two (imported)']);
    expect(await transferOf(stranger).take(file, 'rivers under walnut')).toEqual({ ...nothing, known: 2 });
  });
  it('comes in as proved where this device knows the author’s key', async () => {
    const { a, b } = await scene();
    const later = (await a.said('not yet heard by bob')).eid;
    expect(later).toBeTruthy();
    const file = await blobOf(transferOf(a).sealed('rivers under walnut', null));
    expect(await transferOf(b).take(file, 'rivers under walnut')).toEqual({ ...nothing, added: 1, known: 2 });
    expect((await marks(b)).toSorted()).toEqual(['ann one', 'bob two', 'not yet heard by bob']);
  });
  it('refuses another key under a known name, another name over a known key, and a signature that does not hold', async () => {
    const { a, b, room } = await scene();
    const [bob, eve] = [b.device.identity, await makeKeyPair()];
    const lie = await forged(room, eve, bob.user, { kind: 'text', text: 'bob never said this' });
    const asBobsDevice = { ...lie, author: bob.device };
    const real: HistoryEntry[] = [];
    for await (const page of transferOf(a).pages(null)) if (page.kind === 'entries') real.push(...page.entries);
    const renamed = { ...real.find(({ author }) => author === bob.device)!, user: 'eve' };
    const changed = { ...lie, message: { ...lie.message, order: { ms: 1, counter: 0 } } };
    const taken = await transferOf(a).takePages(pages(room, asBobsDevice, renamed, changed), false);
    expect(taken).toEqual({ ...nothing, refused: 3 });
    expect(await transferOf(a).takePages(pages(room, lie), false)).toEqual({ ...nothing, unproved: 1 });
    expect(await marks(a)).toContain('bob never said this (imported)');
  });
  it('refuses a device whose id is not that of its key', async () => {
    const { a, room } = await scene();
    const [eve, carl] = [await makeKeyPair(), await makeKeyPair()];
    const lie = await forged(room, eve, 'carl', { kind: 'text', text: 'as carl' }, 1, await deviceIdOf(carl.publicKey));
    expect(await transferOf(a).takePages(pages(room, lie), false)).toEqual({ ...nothing, refused: 1 });
  });
  it('lets what is not proved change only what came with it', async () => {
    const { a, b, room } = await scene();
    const [target] = (await b.items()).flatMap((item) => (item.type === 'message' && item.text === 'bob two' ? [item.mid] : []));
    const eve = await makeKeyPair();
    const { user } = b.device.identity;
    const edit = await forged(room, eve, user, { kind: 'edit', target: target!, text: 'bob changed' });
    const remove = await forged(room, eve, user, { kind: 'delete', target: target! }, 2);
    expect(await transferOf(a).takePages(pages(room, edit, remove), false)).toEqual({ ...nothing, refused: 2 });
    expect(await marks(a)).toEqual(['ann one', 'bob two']);
    const own = await forged(room, eve, user, { kind: 'text', text: 'first' }, 3);
    const { mid } = await freezeOf(own);
    const better = await forged(room, eve, user, { kind: 'edit', target: mid, text: 'second' }, 4);
    expect(await transferOf(a).takePages(pages(room, own, better), false)).toEqual({ ...nothing, unproved: 2 });
    expect(await marks(a)).toContain('second (imported)');
  });
  it('leaves out what is of other rooms, what vanishes and what was said in private', async () => {
    const { a, room } = await scene();
    const [one] = await a.store.range<never>('messages', { prefix: `${room}/`, limit: 1 });
    const row = one!.value as { mid: string };
    await a.store.write([
      { table: 'messages', key: `${one!.key}x`, value: { ...row, mid: 'x', ttl: 1_000 } },
      { table: 'messages', key: `${one!.key}y`, value: { ...row, mid: 'y', private: 'p' } },
    ]);
    const entries: HistoryEntry[] = [];
    for await (const page of transferOf(a).pages(null)) if (page.kind === 'entries') entries.push(...page.entries);
    expect(entries).toHaveLength(2);
    expect(await transferOf(a).takePages(pages('elsewhere', entries[0]!), false)).toEqual({ ...nothing, elsewhere: 1 });
  });
  it('says what is wrong with a file', async () => {
    const { a } = await scene();
    const file = await blobOf(transferOf(a).sealed('rivers under walnut', null));
    const code = (blob: Blob, words: string) => transferOf(a).take(blob, words).catch((error: unknown) => error); // prettier-ignore
    expect(await code(file, 'rivers under willow')).toMatchObject({ code: 'bad-credentials', reason: 'archive-wrong-secret' });
    expect(await code(new Blob(['a letter']), 'x')).toMatchObject({ code: 'bad-request', reason: 'archive-not-an-archive' });
    expect(await code(file.slice(0, file.size - 1), 'rivers under walnut')).toMatchObject({ reason: 'archive-damaged' });
  });
  it('reads as Markdown and as JSON, where names are no markup', async () => {
    const { a } = await scene();
    const text = async (format: 'json' | 'markdown') => {
      let whole = '';
      for await (const piece of transferOf(a).readable(format, null)) whole += piece;
      return whole;
    };
    expect(await text('markdown')).toMatch(
      /^# Hall\n\n\*\*Bob\\_\*\*, [-\dT:.]+Z\n\n> bob two\n\n\*\*Ann\*\*, [-\dT:.]+Z\n\n> ann one\n\n$/,
    );
    expect(JSON.parse(await text('json'))).toMatchObject([{ room: 'Hall', author: 'Bob_', text: 'bob two' }, { text: 'ann one' }]);
  });
});

async function freezeOf({ message }: HistoryEntry): Promise<{ mid: string }> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', message.statement as Uint8Array<ArrayBuffer>));
  return { mid: Buffer.from(digest).toString('base64url') };
}
