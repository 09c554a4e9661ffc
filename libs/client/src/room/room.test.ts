import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  decodeContent,
  encodeContent,
  encodeParts,
  toBase64url,
  type Content,
  type DeviceId,
  type Entry,
} from '../../../protocol/src/index.ts';
import type { Envelope } from '../delivery/link.ts';
import { add, commit, direct, joinByCommit, newDevice, world, type Device } from '../sealing/test-world.ts';
import type { TestServer } from '../sealing/test-server.ts';
import { keys } from './rows.ts';
import { audienceOf, commitmentOf, freeze, signable } from './statement.ts';
import { TestRoom } from './test-room.ts';

const open: TestRoom[] = [];
afterEach(() => {
  for (const room of open.splice(0)) {
    expect(room.trouble).toEqual([]); // nothing broke that no test expected
    room.room.stop();
  }
});

type Cast = { server: TestServer; devices: Device[]; a: TestRoom; b: TestRoom };
/** Two rooms, and one more device that commits what the story needs. */
async function cast(entry: Entry = { by: 'open' }): Promise<Cast & { clerk: Device }> {
  const { server, devices } = await world(3, direct, entry);
  const [ann, bob, clerk] = devices as [Device, Device, Device];
  const [a, b] = [new TestRoom(ann, server.room), new TestRoom(bob, server.room)];
  open.push(a, b);
  await Promise.all([a.idle(), b.idle()]);
  return { server, devices, a, b, clerk };
}

/** Seals whatever content, as this device could. */
async function sealed(by: Device, room: string, content: Content, authenticated = new Uint8Array(0)): Promise<Envelope> {
  const { eid, ciphertext } = await by.sealer.seal(room, encodeContent(content), authenticated);
  return { room, eid, ciphertext };
}

async function message(by: Device, room: string, aseq: number, prev: string, text: string) {
  const order = { ms: Date.now() + aseq, counter: 0 };
  const said = {
    room,
    device: by.identity.device,
    aseq,
    prev,
    audience: await audienceOf([]),
    at: 1,
    body: { kind: 'text' as const, text },
  };
  const { mid, statement } = await freeze(said);
  const signature = await by.sealer.sign(await signable(room, statement, order));
  const envelope = await sealed(by, room, { kind: 'message', order, signature, statement }, await commitmentOf(statement));
  return { mid, envelope };
}

/** The same envelope with another last byte, or one of the last. */
function damaged({ ciphertext, ...envelope }: Envelope, fromEnd = 1): Envelope {
  const bytes = ciphertext.slice();
  bytes[bytes.length - fromEnd]! ^= 1;
  return { ...envelope, ciphertext: bytes };
}

/** The numbers of words that could not be opened, as the timeline tells them. */
const unopened = async (room: TestRoom) =>
  (await room.items()).flatMap((item) => (item.type === 'notice' && item.notice.kind === 'undecryptable' ? [item.notice.count] : []));

const receipt = (by: Device, room: string, author: DeviceId, aseq: number, from = 1) =>
  sealed(by, room, { kind: 'receipt', receipt: { delivered: [{ device: author, from, aseq, mid: '' }], read: [] } });
const rowsOf = (room: TestRoom) => room.store.range('outbox', { prefix: '' });

/** Holds up what Ann says until `go`, which removes the third device and adds newcomers. */
async function heldUp({ server, a, b, clerk }: Cast & { clerk: Device }, newcomers: Device[] = []) {
  const leaving = await newDevice();
  await add(server, clerk, [leaving], [clerk]);
  await Promise.all([a.follows(server), b.follows(server)]);
  const proposal = await server.removal(leaving.identity.device);
  a.socket.online = false; // so that Ann leaves the commit to the clerk
  const removing = [{ device: leaving.identity.device, proposal: toBase64url(proposal) }];
  a.hears({ type: 'group', room: a.id, group: { generation: 0, epoch: server.group.epoch, removing, adding: [], invited: [] } });
  await a.idle();
  const go = async () => {
    for (const device of [clerk, b.device]) await device.sealer.propose(a.id, [proposal]);
    const packages = await Promise.all(newcomers.map(async ({ sealer }) => (await sealer.keyPackages(1, false)).packages[0]!));
    await commit(server, clerk, [clerk], packages);
    await Promise.all([a.follows(server), b.follows(server)]);
  };
  return { go };
}

describe('opening (delivery.md D2)', () => {
  it('acknowledges after persisting; a second copy of the same bytes silently', async () => {
    const { a, b } = await cast();
    const envelope = await a.said('hello');
    expect(await b.gets(envelope)).toEqual([envelope.eid]);
    expect(await b.gets(envelope)).toEqual([envelope.eid]);
    expect(await b.texts()).toEqual(['hello']);
    expect(await b.notices()).toEqual([]);
  });

  it('counts what it cannot open, and opens what comes after', async () => {
    const { a, b } = await cast();
    const [one, two] = [await a.said('one'), await a.said('two')];
    for (const bad of [damaged(one), damaged(one, 2), damaged(two), { ...two, ciphertext: new Uint8Array(99) }])
      expect(await b.gets(bad)).toHaveLength(1);
    expect(await unopened(b)).toEqual([3]); // the first twice, and what nobody can tell of
    const good = await a.said('three');
    expect(await b.gets(good)).toEqual([good.eid]);
    expect(await b.texts()).toEqual(['three']);
  });

  it.each(['at once', 'after a reload'])('takes from that number what comes undamaged, or in a bundle, %s', async (when) => {
    const { server, a, b, clerk } = await cast();
    const [one, two] = [await a.said('one'), await a.said('two')];
    for (const { envelope } of a.relay.sent) await b.gets(damaged(envelope));
    expect(await unopened(b)).toEqual([2]);
    if (when === 'after a reload') b.restart();
    await b.gets(one);
    expect(await unopened(b)).toEqual([1]);
    await a.refused(two.eid, [b.device.identity.device], 'stale-epoch');
    await commit(server, clerk, [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]);
    await b.gets(a.relay.sent.at(-1)!.envelope);
    expect(await b.texts()).toEqual(['one', 'two']);
    expect(await unopened(b)).toEqual([]);
    await b.gets(damaged(two, 3));
    expect(await unopened(b)).toEqual([]); // its words are here
  });

  it('counts no receipt, question or bundle that it cannot open: what they lack is missed as a gap', async () => {
    const { a, b, clerk } = await cast();
    await b.gets(damaged(await receipt(clerk, a.id, b.device.identity.device, 1)));
    expect(await b.notices()).toEqual([]);
  });

  it('loses nothing in a crash between opening and persisting, and doubles nothing', async () => {
    const { a, b } = await cast();
    const envelope = await a.said('hello');
    await b.device.sealer.open(b.id, envelope.ciphertext);
    b.restart();
    expect(await b.texts()).toEqual(['hello']);
    expect(await b.gets(envelope)).toEqual([envelope.eid]);
    expect(await b.texts()).toEqual(['hello']);
  });

  it('shows what was opened when storing had failed the first time, as soon as it comes again', async () => {
    const { a, b } = await cast();
    const envelope = await a.said('hello');
    await b.device.sealer.open(b.id, envelope.ciphertext);
    expect(await b.gets(envelope)).toEqual([envelope.eid]);
    expect(await b.texts()).toEqual(['hello']);
    expect(await b.notices()).toEqual([]);
  });

  it('keeps an envelope of a later epoch, unacknowledged and once, until its commit comes', async () => {
    const { server, a, b, clerk } = await cast();
    await commit(server, clerk, [clerk]);
    await a.follows(server);
    const envelope = await a.said('from the future');
    expect(await b.gets(envelope)).toEqual([]);
    expect(await b.gets(envelope)).toEqual([]);
    await b.follows(server);
    expect(await b.texts()).toEqual(['from the future']);
  });

  it('shows two entries under one number as equivocation, and both of them', async () => {
    const { a, clerk } = await cast();
    await a.gets((await message(clerk, a.id, 1, '', 'yes')).envelope);
    expect(await a.notices()).toEqual([]);
    await a.gets((await message(clerk, a.id, 1, '', 'no')).envelope);
    expect(await a.notices()).toEqual(['equivocation']);
    expect(await a.texts()).toEqual(expect.arrayContaining(['yes', 'no']));
  });

  it('shows another past than was told before as equivocation, but not a sequence that fits', async () => {
    const { a, clerk } = await cast();
    const first = await message(clerk, a.id, 1, '', 'one');
    const second = await message(clerk, a.id, 2, first.mid, 'two');
    const third = await message(clerk, a.id, 3, first.mid, 'three');
    for (const { envelope } of [first, second]) await a.gets(envelope);
    expect(await a.notices()).toEqual([]);
    await a.gets(third.envelope);
    expect(await a.notices()).toEqual(['equivocation']);
  });
});

describe('coming back', () => {
  it(
    'after 200 epochs and 1,000 messages: every commit is followed, every message shown once, in order',
    { timeout: 120_000 },
    async () => {
      const { server, b, clerk } = await cast();
      const waiting: (() => Promise<unknown>)[] = [];
      let prev = '';
      for (let epoch = 0; epoch < 200; epoch++) {
        for (let i = 0; i < 5; i++) {
          const said = await message(clerk, b.id, epoch * 5 + i + 1, prev, `${epoch * 5 + i}`);
          prev = said.mid;
          waiting.push(() => b.gets(said.envelope));
        }
        await commit(server, clerk, [clerk]);
        const { bundle, signature, epoch: made } = server.log.at(-1)!;
        b.log.set(made, encodeParts([bundle.commit, signature]));
        waiting.push(async () => {
          b.hears({ type: 'committed', room: b.id, pos: made, generation: 0, epoch: made, as: 'commit' });
          await b.idle();
        });
      }
      for (const item of waiting) await item(); // as the relay hands them over, by position
      while (b.room.timeline.value.hasOlder) {
        await b.room.older();
        await b.items();
      }
      expect(await b.texts()).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i}`));
      expect(await b.notices()).not.toContain('gap');
      expect(await b.notices()).not.toContain('undecryptable');
    },
  );
});

describe('saying (delivery.md D1, MSG1, MSG8)', () => {
  it('sends the same envelope again after a crash between sealing and sending', async () => {
    const { a } = await cast();
    const { eid } = await a.said('hello');
    a.restart();
    await a.idle();
    expect(a.relay.sent.map(({ envelope }) => envelope.eid)).toEqual([eid]);
  });

  it('comes after what this device has said before, though its clock was years ahead then and it was reloaded since', async () => {
    const { a, b } = await cast();
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 365 * 86_400_000);
    await b.gets(await a.said('from the future'));
    now.mockRestore();
    a.restart();
    await b.gets(await a.said('from now'));
    for (const room of [a, b]) expect(await room.texts()).toEqual(['from the future', 'from now']);
  });

  it('refuses words that no envelope could carry, and goes on with the next', async () => {
    const { a, b } = await cast();
    await expect(a.room.say('\u0001'.repeat(10_000))).rejects.toMatchObject({ code: 'too-large' });
    await b.gets(await a.said('hello'));
    expect(await b.texts()).toEqual(['hello']);
  });

  it('what the relay refuses as stale is not sealed again before the group has moved, then once, for those who lack it (D1)', async () => {
    const { server, a, b, clerk } = await cast();
    const { eid } = await a.said('hello');
    await a.refused(eid, [b.device.identity.device], 'stale-epoch');
    expect(a.relay.sent).toHaveLength(1);
    await commit(server, clerk, [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]);
    expect(a.relay.sent).toHaveLength(2);
    const bundle = a.relay.sent[1]!.envelope;
    expect(bundle.eid).not.toBe(eid);
    await b.gets(bundle);
    expect(await b.texts()).toEqual(['hello']);
  });

  it('what was sealed to the old leaf of a device leaves again when that device comes in anew', async () => {
    const { server, a, b } = await cast();
    await a.said('never opened');
    expect(a.relay.sent).toHaveLength(1);
    await joinByCommit(server, b.device, [], true); // its state was lost, say
    await a.follows(server);
    await a.idle();
    const again = a.relay.sent.slice(1).map(({ recipients }) => recipients);
    expect(again.flat()).toContain(b.device.identity.device);
    await b.gets(a.relay.sent[0]!.envelope); // the relay held that for it, too
    for (const { envelope } of a.relay.sent.slice(1)) await b.gets(envelope);
    expect(await b.texts()).toEqual(['never opened']);
    expect(await b.notices()).not.toContain('undecryptable');
  });

  it('a bundle of what is here already is dropped by its mid', async () => {
    const { server, a, b, clerk } = await cast();
    const envelope = await a.said('hello');
    await b.gets(envelope);
    await a.refused(envelope.eid, [b.device.identity.device], 'stale-epoch');
    await commit(server, clerk, [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]);
    const bundle = a.relay.sent[1]!.envelope;
    expect(await b.gets(bundle)).toEqual([bundle.eid]);
    expect(await b.texts()).toEqual(['hello']);
  });

  it('a refusal that no later epoch mends fails with its reason', async () => {
    const { a, b } = await cast();
    const { eid } = await a.said('hello');
    await a.refused(eid, [b.device.identity.device], 'forbidden');
    expect((await a.states())[0]).toMatchObject({ state: 'failed' });
    expect(a.relay.sent).toHaveLength(1);
  });

  it('waits for a removal; taking one back renumbers the rest, and nobody sees a hole', async () => {
    const story = await cast();
    const { a, b } = story;
    const { go } = await heldUp(story);
    const first = await a.room.say('never mind');
    await a.room.say('two');
    await a.room.say('three');
    expect((await a.states())[0]).toEqual({ state: 'waiting', why: 'removal' });
    await a.room.cancel(first);
    await go();
    for (const { envelope } of a.relay.sent) await b.gets(envelope);
    expect(await b.texts()).toEqual(['two', 'three']);
    expect((await b.notices()).filter((kind) => kind === 'equivocation' || kind === 'gap')).toEqual([]);
    await expect(a.room.cancel((await a.items()).flatMap((item) => (item.type === 'message' ? [item.mid] : []))[0]!)).rejects.toMatchObject(
      {
        code: 'conflict',
      },
    );
  });

  it('waits when the audience has grown, until its author says “send anyway”', async () => {
    const story = await cast();
    const { a } = story;
    const { go } = await heldUp(story, [await newDevice()]);
    const mid = await a.room.say('for those who were here');
    await go();
    expect(await a.states()).toEqual([{ state: 'waiting', why: 'audience-grew' }]);
    expect(a.relay.sent).toEqual([]);
    await a.room.retry(mid);
    expect(a.relay.sent).toHaveLength(1);
  });

  it('asks its author, too, before what was refused leaves again where somebody new would read it', async () => {
    const { server, a, b, clerk } = await cast({ by: 'closed' });
    await commit(server, clerk, [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]); // whom one finds is known
    const { eid } = await a.said('for those who were here');
    await a.refused(eid, [b.device.identity.device], 'stale-epoch');
    const [keyPackage] = (await (await newDevice()).sealer.keyPackages(1, false)).packages;
    await commit(server, clerk, [clerk], [keyPackage!]);
    await Promise.all([a.follows(server), b.follows(server)]);
    expect(await a.states()).toEqual([{ state: 'waiting', why: 'audience-grew' }]);
    expect(a.relay.sent).toHaveLength(1);
    const [mid] = (await a.items()).flatMap((item) => (item.type === 'message' ? [item.mid] : []));
    await a.room.retry(mid!);
    expect(a.relay.sent).toHaveLength(2);
    await b.gets(a.relay.sent[1]!.envelope);
    expect(await b.texts()).toEqual(['for those who were here']);
  });
});

describe('what became of it (delivery.md D6, D7)', () => {
  it('whoever switched it off tells that words arrived, and never that they were read (MSG2)', { timeout: 20_000 }, async () => {
    const { a, b } = await cast();
    const told = async () => {
      const before = b.relay.sent.length;
      await expect.poll(() => b.relay.sent.length, { timeout: 8_000 }).toBeGreaterThan(before);
      const { content } = await a.device.sealer.open(a.id, b.relay.sent.at(-1)!.envelope.ciphertext);
      return decodeContent(content);
    };
    b.tellsRead = false;
    await b.gets(await a.said('one'));
    await b.room.markRead();
    expect(await told()).toMatchObject({ receipt: { delivered: [{ aseq: 1 }], read: [] } });
    b.tellsRead = true;
    await b.gets(await a.said('two'));
    await b.room.markRead();
    expect(await told()).toMatchObject({ receipt: { delivered: [{ aseq: 2 }], read: [{ aseq: 2 }] } });
  });

  it('sealed receipts drive “delivered”, and empty the outbox when everybody has it', async () => {
    const { a, b, clerk } = await cast();
    const me = a.device.identity.device;
    await a.said('hello');
    await a.gets(await receipt(b.device, a.id, me, 1));
    expect(await a.states()).toEqual([{ state: 'delivered', n: 1, m: 2 }]);
    expect(await rowsOf(a)).toHaveLength(1);
    await a.gets(await receipt(clerk, a.id, me, 1));
    expect(await a.states()).toEqual([{ state: 'delivered', n: 2, m: 2 }]);
    expect(await rowsOf(a)).toEqual([]);
  });

  it('what was lost before a receiver’s first is still owed, though a later one is delivered', async () => {
    const { a, b, clerk } = await cast();
    const me = a.device.identity.device;
    await a.said('lost on the way');
    await a.said('arrived');
    for (const device of [b.device, clerk]) await a.gets(await receipt(device, a.id, me, 2, 2));
    expect((await a.states()).map((state) => state?.state)).toEqual(['waiting', 'delivered']);
    expect(await rowsOf(a)).toHaveLength(1);
  });

  it('a lying receipt is worth what was said, not what will be', async () => {
    const { a, b } = await cast();
    await a.said('one');
    await a.gets(await receipt(b.device, a.id, a.device.identity.device, 1_000_000));
    await a.said('two');
    expect((await a.states()).map((state) => state?.state)).toEqual(['delivered', 'waiting']);
  });

  it('a crash between a receipt and what follows from it leaves nothing in the outbox', async () => {
    const { a, devices } = await cast();
    await a.said('hello');
    const others = devices.slice(1).map(({ identity }) => identity);
    await a.store.write(
      others.map(({ device, user }) => ({
        table: 'authors',
        key: keys.receipt(a.id, device),
        value: { user, from: 1, delivered: 1, read: 0 },
      })),
    );
    a.restart();
    expect(await a.states()).toEqual([{ state: 'delivered', n: 2, m: 2 }]);
    expect(await rowsOf(a)).toEqual([]);
  });

  it('the relay’s word makes it held, and only for whom it says', async () => {
    const { a, b } = await cast();
    const { eid } = await a.said('hello');
    a.relay.emit('held', { eid: 'another', devices: [b.device.identity.device] });
    expect(await a.states()).toEqual([{ state: 'waiting', why: 'sending' }]);
    a.relay.emit('held', { eid, devices: [b.device.identity.device] });
    expect(await a.states()).toEqual([{ state: 'held' }]);
  });

  it('expired is failed and can be tried again; an unknown envelope fails nothing (D7)', async () => {
    const { a, b } = await cast();
    const bob = b.device.identity.device;
    const { eid } = await a.said('hello');
    a.relay.emit('held', { eid, devices: [bob] });
    await a.room.expired('unknown', [bob]);
    expect(await a.states()).toEqual([{ state: 'held' }]);
    await a.room.expired(eid, [bob]);
    const [item] = await a.items();
    expect(item).toMatchObject({ state: { state: 'failed' } });
    await a.room.retry(item?.type === 'message' ? item.mid : '');
    await b.gets(a.relay.sent.at(-1)!.envelope);
    expect(await b.texts()).toEqual(['hello']);
  });

  it('reading while words arrive leaves nothing unread', async () => {
    const { a, b } = await cast();
    const envelope = await a.said('hello');
    b.relay.emit('arrived', { room: b.id, ciphertext: envelope.ciphertext, via: 'relay', from: 'ann', acknowledge: () => undefined });
    await b.room.markRead();
    await b.idle();
    expect(b.room.line.value.unread).toBe(0);
    await b.gets(await a.said('more'));
    expect(b.room.line.value.unread).toBe(1);
  });

  it('the line of the list shows the newest words, one’s own too, and never words that were deleted', async () => {
    const { a, b } = await cast();
    await b.gets(await a.said('hello'));
    expect([a, b].map(({ room }) => room.line.value.last?.text)).toEqual(['hello', 'hello']);
    const [item] = await a.items();
    await a.room.remove(item?.type === 'message' ? item.mid : '');
    await a.idle();
    await b.gets(a.relay.sent.at(-1)!.envelope);
    expect([a, b].map(({ room }) => room.line.value.last?.text)).toEqual(['', '']);
  });
});

describe('repair (delivery.md D4)', () => {
  const ask = (by: Device, room: string, device: DeviceId, from: number, to: number) =>
    sealed(by, room, { kind: 'ask', ask: { device, from, to } });

  it('answers an ask with a bundle, which mends the hole', async () => {
    const { a, b } = await cast();
    const ann = a.device.identity.device;
    const [one, two, three] = [await a.said('one'), await a.said('two'), await a.said('three')];
    for (const envelope of [one, three]) await b.gets(envelope);
    await a.gets(await ask(b.device, a.id, ann, 2, 2));
    const answer = a.relay.sent.at(-1)!;
    expect(answer.recipients).toEqual([b.device.identity.device]);
    expect(answer.envelope.eid).not.toBe(two.eid);
    await b.gets(answer.envelope);
    expect(await b.texts()).toEqual(['one', 'two', 'three']);
  });

  it('never answers with what was said before the one who asks had joined', async () => {
    const { server, a, b, clerk } = await cast();
    const ann = a.device.identity.device;
    const before = await a.said('before');
    await b.gets(before);
    await a.refused(before.eid, [clerk.identity.device], 'stale-epoch');
    const dee = await newDevice();
    await add(server, clerk, [dee], [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]);
    await a.said('after');
    const sent = a.relay.sent.length;
    await a.gets(await ask(dee, a.id, ann, 1, 1));
    expect(a.relay.sent).toHaveLength(sent);
    await a.gets(await ask(dee, a.id, ann, 1, 2));
    expect(a.relay.sent).toHaveLength(sent); // the same question within 10 s
    await a.gets(await ask(dee, a.id, ann, 2, 2));
    expect(a.relay.sent).toHaveLength(sent + 1);
  });
});

describe('copies (delivery.md D1)', () => {
  it('that came after somebody had joined are not handed on to them when the words are from before', async () => {
    const { server, a, b, clerk } = await cast();
    const { eid } = await a.said('before');
    await a.refused(eid, [b.device.identity.device], 'stale-epoch');
    const dee = await newDevice();
    await add(server, clerk, [dee], [clerk]);
    await Promise.all([a.follows(server), b.follows(server)]);
    await b.gets(a.relay.sent.at(-1)!.envelope);
    expect(await b.texts()).toEqual(['before']);
    const question = { kind: 'ask', ask: { device: a.device.identity.device, from: 1, to: 1 } } as const;
    await b.gets(await sealed(dee, b.id, question));
    expect(b.relay.sent).toEqual([]);
  });
});

describe('an end (stop)', () => {
  it('lets what is under way end silently when the store is closed under it', async () => {
    const { a, b } = await cast();
    const envelope = await a.said('hello');
    b.relay.emit('arrived', { room: b.id, ciphertext: envelope.ciphertext, via: 'relay', from: 'ann', acknowledge: () => undefined });
    await new Promise(setImmediate); // it has begun
    b.room.stop();
    await b.store.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(b.trouble).toEqual([]);
  });

  it('but says aloud what breaks while the room is open', async () => {
    const { b } = await cast();
    await b.store.close();
    await expect(b.room.saveDraft('x')).rejects.toMatchObject({ code: 'closed' });
    expect(b.trouble.splice(0)).toHaveLength(1);
  });
});
