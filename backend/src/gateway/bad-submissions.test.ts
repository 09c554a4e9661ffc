import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeSubmission, groupIdOf, limits } from '../../../libs/protocol/src/index.ts';
import type { Client } from '../testing/client.ts';
import { footprint } from '../testing/footprint.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';

/* security.md "Bad input", binary frames: real sealed bytes, spoilt in every way; nothing of it may be kept. */
const NOWHERE = '00000000-0000-4000-8000-000000000000';
let world: World;
let ann: Member;
let bob: Member;
let room: string;
let good: Uint8Array;
let ciphertext: Uint8Array;
let watcher: Client;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob');
  room = (await ann.call('GET', '/api/rooms')).body.rooms[0].id;
  await ann.join(room);
  await bob.join(room);
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
  ciphertext = await ann.sealed(room, 'never stored');
  good = encodeSubmission({ n: 1, room, recipients: [bob.device], ciphertext });
  watcher = bob.client;
});
beforeEach(async () => {
  await ann.connect();
  await ann.join(room);
});
afterAll(() => world.close());

/** `error` of the door or `refused` of the relay: one of them, for every frame, and neither is `internal`. */
async function answer(client: Client): Promise<string> {
  const frame = await client.until('an error or a refusal', () => {
    const at = client.frames.findIndex(({ type }) => type === 'error' || type === 'refused');
    return at < 0 ? undefined : client.frames.splice(at, 1)[0];
  });
  const { code } = frame as { code: string };
  expect(['bad-frame', 'not-member', 'not-a-leaf', 'stale-epoch', 'resubmit']).toContain(code);
  return code;
}

/** Gives how many were refused. */
async function refusedAll(frames: Iterable<Uint8Array>): Promise<number> {
  const before = await footprint(world);
  let said = 0;
  for (const frame of frames) {
    if (++said % 9 === 0) {
      await ann.connect();
      await ann.join(room);
    }
    ann.client.raw(frame, true);
    await answer(ann.client);
  }
  watcher.say({ type: 'ping' });
  await watcher.next('pong');
  expect(watcher.envelopes).toEqual([]);
  expect(await footprint(world)).toEqual(before);
  return said;
}

/** Version, wire format, group id with its length, epoch: all of an MLS private message that the server reads. What follows only members can judge. */
const publicHeader = () => 4 + 1 + groupIdOf(room, 0, { by: 'open' }).length + 8;

function* truncated(): Generator<Uint8Array> {
  for (let length = 0; length < good.length - ciphertext.length + publicHeader(); length++) yield good.subarray(0, length);
}

const changed = (change: (view: DataView, bytes: Uint8Array) => void): Uint8Array => {
  const bytes = good.slice();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
};

describe('a submission', () => {
  it('is refused when it ends early, at whatever byte of what the server reads', async () => {
    expect(await refusedAll(truncated())).toBeGreaterThan(60);
  }, 60_000);

  it('is refused when its lengths, its number or its type lie', async () =>
    expect(await refusedAll([
      ...[0, 2, 3, 200, 256, 257, 65_535].map((count) => changed((view) => view.setUint16(21, count))),
      ...[0, 2, 0xffffffff].map((n) => changed((view) => view.setUint32(1, n))),
      ...[0, 2, 3, 4, 127, 255].map((type) => changed((view) => view.setUint8(0, type))),
      new Uint8Array(0), Uint8Array.of(1), new Uint8Array(64 * 1024), new Uint8Array(64 * 1024).fill(255), new Uint8Array(1000).fill(1),
    ])).toBe(21)); // prettier-ignore

  it('is refused when the sealed bytes are none, too many, of another room, or of another epoch', async () => {
    const other = await ann.call('POST', '/api/rooms', { name: 'Elsewhere' });
    await ann.join(other.body.id);
    await ann.found(other.body.id);
    const elsewhere = await ann.sealed(other.body.id, 'x');
    const submission = (more: object) => encodeSubmission({ n: 1, room, recipients: [bob.device], ciphertext, ...more });
    const garbage = Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) & 255);
    const count = await refusedAll([
      submission({ ciphertext: new Uint8Array(1) }),
      submission({ ciphertext: garbage }),
      submission({ ciphertext: new Uint8Array(limits.ciphertext + 1) }),
      submission({ ciphertext: elsewhere }),
      submission({ room: other.body.id }),
      submission({ room: NOWHERE }),
      submission({ recipients: [NOWHERE] }),
      submission({ recipients: [bob.device, NOWHERE] }),
      ...Array.from({ length: publicHeader() }, (_, at) =>
        changed((_view, bytes) => (bytes[good.length - ciphertext.length + at] ^= 0xff)),
      ),
    ]);
    expect(count).toBe(8 + publicHeader());
  }, 60_000);

  it('is refused before the room was joined, and by those who are not in it, like a room that is not there', async () => {
    const eve = await Member.come(world, 'eve');
    const codes = [];
    for (const [n, id] of [room, NOWHERE].entries()) {
      eve.client.raw(encodeSubmission({ n: n + 1, room: id, recipients: [bob.device], ciphertext }), true);
      codes.push((await eve.client.next('refused')).code);
    }
    expect(codes).toEqual(['not-member', 'not-member']);
    await ann.connect();
    ann.client.raw(good, true);
    expect((await ann.client.next('refused')).code).toBe('not-member');
    await ann.join(room);
    ann.client.raw(good, true);
    await ann.client.next('held'); // the negative twin: the very same bytes
    expect((await bob.read()).text).toBe('never stored');
  });
});
