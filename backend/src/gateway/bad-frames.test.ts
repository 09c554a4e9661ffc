import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientFrames, limits, type ClientFrame, type ClientFrameType } from '../../../libs/protocol/src/index.ts';
import type { Client } from '../testing/client.ts';
import { footprint } from '../testing/footprint.ts';
import { World, type Person } from '../testing/world.ts';

/* security.md "Bad input", JSON frames: each is answered, nothing is stored, and bob goes on working. */
const NOWHERE = '00000000-0000-4000-8000-000000000000';
const BEFORE_THE_LAST = 9;
let world: World;
let ann: Person;
let bob: Client;
let room: string;
let client: Client;
let said: number;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.connect(await world.person('bob'));
  room = (await world.call('GET', '/api/rooms', undefined, ann.token)).body.rooms[0].id;
});
beforeEach(async () => {
  client = await world.connect(ann);
  said = 0;
});
afterAll(() => world.close());

/** Gives how many were answered; a fresh connection before the tenth mistake closes the old one. */
async function answered(frames: (string | Uint8Array)[], expected = 'bad-frame'): Promise<number> {
  const before = await footprint(world);
  for (const frame of frames) {
    if (said++ === BEFORE_THE_LAST) {
      client = await world.connect(ann);
      said = 1;
    }
    client.raw(frame);
    const { code, text } = await client.next('error');
    expect([String(frame).slice(0, 120), code]).toEqual([String(frame).slice(0, 120), expected]);
    expect(text).not.toMatch(/\[object| at /);
    bob.say({ type: 'ping' });
    await bob.next('pong');
  }
  expect(await footprint(world)).toEqual(before);
  return frames.length;
}

const nested = (depth: number) => `{"type":"join","room":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const join = (value: string) => `{"type":"join","room":${value}}`;
const drain = (value: string) => `{"type":"drain","room":"${room}","after":${value}}`;

describe('a frame that is no frame', () => {
  it('is refused: empty, not JSON, another thing than an object', async () =>
    expect(await answered(['', ' ', '{', '}', '{"type":"ping"', '{"type":"ping"}}', "{'type':'ping'}", '{"type":"ping",}', 'ping', '\u0000', '\ufeff{"type":"ping"}',
      '[]', '[{"type":"ping"}]', 'null', 'true', '1', '"ping"', '{}', '{"type":null}', '{"type":["ping"]}', '{"type":"nope"}', '{"type":"toString"}',
      '{"type":"hasOwnProperty"}', '{"type":"PING"}', '{"type":"welcome"}'])).toBeGreaterThan(0)); // prettier-ignore

  it('is refused: nested, wide, doubled', async () => {
    expect(await answered([nested(limits.jsonDepth), nested(10_000), '['.repeat(30_000), '{"a":'.repeat(10_000)])).toBeGreaterThan(0);
    const wide = (keys: number) => `{"type":"ping",${Array.from({ length: keys }, (_, i) => `"k${i}":0`).join(',')}}`;
    expect(
      await answered([
        wide(255),
        wide(256),
        wide(5_000),
        '{"type":"ping","type":"ping"}',
        '{"type":"ping","\\u0074ype":"ping"}',
        '{"type":"join","type":"ping"}',
      ]),
    ).toBeGreaterThan(0);
  });

  it('is refused: keys that reach into prototypes, at any depth, however they are written', async () =>
    expect(await answered(
      ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', '__prot\\u006f__', 'c\\u006Fnstructor'].flatMap((key) => [
        `{"type":"ping","${key}":{}}`, `{"type":"ping","x":{"y":[{"${key}":1}]}}`, `{"${key}":{"type":"ping"}}`,
      ]),
    )).toBeGreaterThan(0)); // prettier-ignore

  it('is refused: odd numbers, NUL, half characters', async () => {
    expect(
      await answered(
        ['1e999', '-1e999', 'NaN', 'Infinity', '-1', '1.5', '9007199254740993', '1'.repeat(400), '0x10', '01', '"1"', '1e400', '-9e15'].map(
          drain,
        ),
      ),
    ).toBeGreaterThan(0);
    expect(await answered(['"\\u0000"', `"${room}\\u0000"`, '"\\ud800"', '"\\udc00\\ud800"'].map(join))).toBeGreaterThan(0);
    expect(await answered([`{"type":"signal","room":"${room}","to":"${NOWHERE}","data":"a\\u0000b"}`, `{"type":"signal","room":"${room}","to":"${NOWHERE}","data":"\\ud83d"}`,
      '{"type":"ping","\\u0000":1}', `{"type":"ping","x":"\u0000"}`])).toBeGreaterThan(0); // prettier-ignore
  });
});

const samples = (): { [T in ClientFrameType]: Extract<ClientFrame, { type: T }> } => ({
  hello: { type: 'hello', version: 1, ticket: 't', device: NOWHERE },
  join: { type: 'join', room },
  drain: { type: 'drain', room, after: 0 },
  acknowledge: { type: 'acknowledge', room, eids: [], commits: [] },
  skip: { type: 'skip', room, n: 1 },
  signal: { type: 'signal', room, to: NOWHERE, data: 'x' },
  watch: { type: 'watch', directory: false },
  acknowledgeExpired: { type: 'acknowledgeExpired', notices: [] },
  sums: { type: 'sums', direct: 1, relayed: 1 },
  status: { type: 'status', idle: true },
  ping: { type: 'ping' },
});
const odd: unknown[] = [null, true, -1, 0.5, '', 'x', 'x'.repeat(30_000), [], [null], {}, { a: 1 }, [1e300], 'A'.repeat(36), `${NOWHERE} `];

/** Every field of a frame missing, and with everything that its schema does not take; and one field too many. */
function* spoilt(type: ClientFrameType): Generator<string> {
  const sample: Record<string, unknown> = samples()[type];
  yield JSON.stringify({ ...sample, extra: 1 });
  for (const field of Object.keys(clientFrames[type].shape)) {
    const { [field]: _, ...rest } = sample;
    yield JSON.stringify(rest);
    for (const value of odd) {
      const frame = { ...sample, [field]: value };
      if (!clientFrames[type].safeParse(JSON.parse(JSON.stringify(frame))).success) yield JSON.stringify(frame);
    }
  }
}

describe('a frame with a wrong field', () => {
  it.each(Object.keys(clientFrames) as ClientFrameType[])(
    '%s: missing, of another type, one too many',
    async (type) => {
      const frames = [...spoilt(type)];
      expect(frames.length).toBeGreaterThan(Object.keys(clientFrames[type].shape).length + 3);
      expect(await answered(frames)).toBeGreaterThan(0);
    },
    60_000,
  );

  it('is taken when nothing is wrong with it', async () => {
    for (const [type, frame] of Object.entries(samples()))
      expect([type, clientFrames[type as ClientFrameType].safeParse(frame).success]).toEqual([type, true]);
    client.raw('{"type":"drain","room":"x","after":-0}'.replace('"x"', `"${room}"`));
    expect((await client.next('error')).code).toBe('not-found'); // not joined: the number was no problem
    client.raw(`{ "type"\n:\t"ping" }`);
    await client.next('pong');
  });

  it('says hello only once, and at most so many things in one frame', async () => {
    const eid = 'A'.repeat(43);
    expect(
      await answered([
        JSON.stringify(samples().hello),
        JSON.stringify({ ...samples().acknowledge, eids: Array.from({ length: limits.acksPerFrame + 1 }, () => eid) }),
        JSON.stringify({ ...samples().acknowledge, commits: Array.from({ length: limits.acksPerFrame + 1 }, () => 1) }),
        JSON.stringify({ ...samples().acknowledge, eids: [`${eid.slice(1)}=`] }),
        JSON.stringify({ ...samples().signal, data: 'x'.repeat(limits.signalData + 1) }),
      ]),
    ).toBeGreaterThan(0);
  });
});

describe('size and form of a frame', () => {
  it('is served at 64 KiB, and closes the connection beyond', async () => {
    const padded = (size: number) => `{"type":"ping"}${' '.repeat(size - 15)}`;
    client.raw(padded(limits.frame - 1));
    client.raw(padded(limits.frame));
    await client.next('pong');
    await client.next('pong');
    client.raw(padded(limits.frame + 1));
    expect(await client.closed).toBe(1009);
    bob.say({ type: 'ping' });
    await bob.next('pong');
  });

  it('refuses text as binary, and binary as text', async () => {
    client.raw(new TextEncoder().encode('{"type":"ping"}'), true);
    expect((await client.next('error')).code).toBe('bad-frame');
    client.raw('\u0001\u0000\u0000\u0000\u0001');
    expect((await client.next('error')).code).toBe('bad-frame');
  });

  it('closes at the tenth mistake, and not before', async () => {
    for (let i = 0; i < BEFORE_THE_LAST; i++) client.raw('{');
    client.say({ type: 'ping' });
    await client.next('pong');
    client.raw('{');
    expect((await client.next('bye')).code).toBe('bad-frame');
    expect(await client.closed).toBe(1008);
  });
});
