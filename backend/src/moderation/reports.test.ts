import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConclaveError,
  fromBase64url,
  toBase64url,
  uuidToBytes,
  bytesToUuid,
  type ReportedMessage,
} from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { acting, type Acting } from '../testing/acting.ts';
import { say } from '../testing/words.ts';
import { World } from '../testing/world.ts';
import { prove } from './proof.ts';
import { Reports } from './reports.service.ts';

let world: World;
let ann: Acting; // administrator
let owen: Acting; // owner of the room
let bob: Acting;
let carl: Acting;
let room: string;
let elsewhere: string;

beforeAll(async () => {
  world = await World.open();
  ann = await acting(world, 'ann', true);
  owen = await acting(world, 'owen');
  bob = await acting(world, 'bob');
  carl = await acting(world, 'carl');
  room = (await world.call('POST', '/api/rooms', { name: 'Here' }, owen.token)).body.id;
  elsewhere = (await world.call('POST', '/api/rooms', { name: 'Elsewhere' }, carl.token)).body.id;
  for (const person of [bob, carl]) await world.call('POST', `/api/rooms/${room}/join`, {}, person.token);
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const text = (words: string) => ({ kind: 'text' as const, text: words });
const report = (by: Acting, messages: ReportedMessage[], more: object = {}) =>
  world.call('POST', '/api/reports', { room, reason: 'abuse', messages, ...more }, by.token);
const fault = async (by: Acting, messages: ReportedMessage[]) => {
  const { status, body } = await report(by, messages);
  return status === 201 ? 'taken' : (body.reason ?? body.code);
};
const cases = async (by: Acting, query = '') => (await world.call('GET', `/api/moderation/reports${query}`, undefined, by.token)).body;
const kept = async () => {
  const [row] = await database().rows<{ count: number }>('select count(*)::int as count from report');
  return row?.count;
};

describe('a report', () => {
  it('is taken with proof: what was said, by whose device, and nothing else', async () => {
    const messages = [
      await say(bob, room, text('vile words')),
      await say(bob, room, { kind: 'react', target: 'A'.repeat(43), emoji: '💩', on: true }),
    ];
    const { status, body } = await report(carl, messages, { note: 'look' });
    expect(status).toBe(201);
    const { body: detail } = await world.call('GET', `/api/moderation/reports/${body.id}`, undefined, ann.token);
    expect(detail).toMatchObject({
      room,
      roomName: 'Here',
      state: 'open',
      note: 'look',
      messages: 2,
      accused: { id: bob.id, username: 'bob' },
      reporter: { id: carl.id },
      evidence: [
        { text: 'vile words', kind: 'text', device: bob.keys.device, deviceName: 'Test' },
        { text: '💩', kind: 'react' },
      ],
    });
  });

  it('fails when it is forged, altered, transplanted, mixed, or of one’s own words; then nothing is kept', async () => {
    const before = await kept();
    const [one, two] = [await say(bob, room, text('one')), await say(bob, room, text('two'))];
    const forged = { ...(await say(carl, room, text('never said'))), device: bob.keys.device };
    const posing = await say(carl, room, text('never said'), { device: bob.keys.device });
    const lies: [string, ReportedMessage[]][] = [
      ['altered', [{ ...one, statement: two.statement }]],
      ['altered', [{ ...one, signature: two.signature }]],
      ['altered', [{ ...one, order: { ...one.order, counter: 1 } }]],
      ['altered', [forged]],
      ['altered', [{ ...posing, device: bob.keys.device }]],
      ['altered', [posing]],
      ['altered', [one, one]],
      ['altered', [{ ...one, statement: 'A' }]],
      ['altered', [{ ...one, statement: '' }]],
      ['other-room', [await say(bob, elsewhere, text('elsewhere'))]],
      ['other-room', [one, await say(bob, elsewhere, text('elsewhere'))]],
      ['unknown-device', [{ ...one, device: carl.id }]],
      ['several-people', [one, await say(owen, room, text('mine'))]],
      ['own', [await say(carl, room, text('mine'))]],
    ];
    for (const [i, [reason, messages]] of lies.entries()) expect([i, await fault(carl, messages)]).toEqual([i, reason]);
    expect((await report(carl, [one], { room: elsewhere })).body.reason).toBe('other-room');
    expect((await report(ann, [one])).status).toBe(404); // not in this room
    expect((await report(carl, [])).status).toBe(400);
    expect(await kept()).toBe(before);
  });

  it('fails for any single byte that is another, of the statement, the signature, the order or the device', async () => {
    const genuine = await say(bob, room, text('what was said, exactly'));
    const one = (message: ReportedMessage) => prove(database(), room, carl.id, [message]);
    await expect(one(genuine)).resolves.toMatchObject({ accused: bob.id });
    const flip = (bytes: Uint8Array, at: number, by: number) => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ by : byte));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('statement', 'signature', 'ms', 'counter', 'device'),
        fc.nat(2_000),
        fc.integer({ min: 1, max: 255 }),
        async (part, at, by) => {
          const changed = { ...genuine, order: { ...genuine.order } };
          if (part === 'statement' || part === 'signature') changed[part] = toBase64url(flip(fromBase64url(genuine[part]), at, by));
          else if (part === 'device') changed.device = bytesToUuid(flip(uuidToBytes(genuine.device), at, by));
          else changed.order[part] += by;
          const refused = await one(changed).then(
            () => null,
            (error: unknown) => error,
          );
          expect([part, refused instanceof ConclaveError && refused.code]).toEqual([part, 'bad-report']);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('holds for a device that was removed since, and no longer for an account that is gone', async () => {
    const dora = await acting(world, 'dora');
    const words = await say(dora, room, text('dora was here'));
    const more = await say(dora, room, text('and more'));
    await world.call('DELETE', `/api/me/devices/${dora.keys.device}`, undefined, dora.token);
    expect(await fault(carl, [words])).toBe('taken');
    expect((await world.call('DELETE', `/api/admin/accounts/${dora.id}`, undefined, ann.token)).status).toBe(204);
    expect(await fault(carl, [more])).toBe('unknown-device');
    expect((await cases(ann)).reports[0]).toMatchObject({ accused: { id: null, username: null }, messages: 1 });
  });

  it('is one at a time for the same words by the same person, also when two race', async () => {
    const [words, other] = [await say(bob, room, text('twice')), await say(bob, room, text('once'))];
    const raced = await Promise.all([fault(carl, [words]), fault(carl, [words, other])]);
    expect(raced.sort()).toEqual(['conflict', 'taken']);
    expect(await fault(owen, [words])).toBe('taken');
  });

  it('is one of twenty an hour', async () => {
    await database().run(`insert into report (id, room, accused, reporter, reason, note, evidence, messages, state, created_at)
      select gen_random_uuid(), '${room}', '${bob.id}', '${owen.id}', 'spam', '', '[]', 1, 'dismissed', ${Date.now()} from generate_series(1, 19)`);
    const refused = await report(owen, [await say(bob, room, text('the 21st'))]);
    expect([refused.status, refused.body.code]).toEqual([429, 'slow-down']);
    expect(refused.body.retryAfterMs).toBeGreaterThan(3_000_000);
    await database().run(`delete from report where state = 'dismissed'`);
  });
});

describe('the queue of reports', () => {
  it('is the site’s moderators’, and of a room its own’s; nobody sees what is said against themselves', async () => {
    const eve = await acting(world, 'eve');
    const mine = await say(owen, room, text('the owner’s'));
    const there = await say(bob, elsewhere, text('in the other room'));
    await world.call('POST', `/api/rooms/${elsewhere}/join`, {}, bob.token);
    expect(await fault(bob, [mine])).toBe('taken');
    expect((await report(carl, [there], { room: elsewhere })).status).toBe(201);
    const all = (await cases(ann)).reports.length;
    const of = async (by: Acting, query = '') => {
      const { reports, open, code } = await cases(by, query);
      return reports ? [reports.length, open] : code;
    };
    expect([await of(ann), await of(owen), await of(carl), await of(eve), await of(bob)]).toEqual([
      [all, all],
      [all - 2, all - 2], // neither the one against himself nor the other room's
      [1, 1],
      'forbidden',
      'forbidden',
    ]);
    expect([await of(owen, `?room=${elsewhere}`), await of(ann, `?room=${elsewhere}`), await of(ann, '?state=closed')]).toEqual([
      'not-found',
      [1, 1],
      [0, all],
    ]);
    const [{ id }] = (await cases(ann, `?room=${elsewhere}`)).reports;
    for (const by of [owen, bob]) {
      const answer = await world.call('GET', `/api/moderation/reports/${id}`, undefined, by.token);
      expect([404, 403]).toContain(answer.status);
      expect((await world.call('POST', `/api/moderation/reports/${id}/close`, { state: 'acted' }, by.token)).status).toBe(answer.status);
    }
    const first = await cases(ann, '?limit=2');
    const second = await cases(ann, `?limit=100&cursor=${first.next}`);
    expect(first.reports.length + second.reports.length).toBe(all);
    for (const bad of ['x', '1.2', "1' or 1=1", '99999999999999999999.x'])
      expect((await world.call('GET', `/api/moderation/reports?cursor=${encodeURIComponent(bad)}`, undefined, ann.token)).status).toBe(400);
  });

  it('keeps no evidence of a closed case, nor any older than 90 days', async () => {
    const [{ id }, { id: other }] = (await cases(ann)).reports;
    const close = () => world.call('POST', `/api/moderation/reports/${id}/close`, { state: 'dismissed', note: 'nothing in it' }, ann.token);
    expect((await close()).status).toBe(204);
    expect((await close()).body.code).toBe('conflict');
    const detail = async (report: string) => (await world.call('GET', `/api/moderation/reports/${report}`, undefined, ann.token)).body;
    expect(await detail(id)).toMatchObject({ state: 'dismissed', closedBy: 'ann', closingNote: 'nothing in it', evidence: [] });
    expect((await database().rows('select act, detail from audit order by id desc limit 1'))[0]).toMatchObject({
      act: 'report-closed',
      detail: { report: id, state: 'dismissed' },
    });
    expect((await detail(other)).evidence).not.toEqual([]);
    await database().run('update report set created_at = $2 where id = $1', [other, Date.now() - 91 * 86_400_000]);
    await world.server.app.get(Reports).sweep();
    expect((await detail(other)).evidence).toEqual([]);
  });
});
