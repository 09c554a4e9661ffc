import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  actStatement,
  decodeRoleCertificate,
  fromBase64url,
  ModerationStatement,
  roleStatement,
  verifyEd25519,
  type SignedAct,
} from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { act, acting, signed, statementOf, type Acting } from '../testing/acting.ts';
import type { Client } from '../testing/client.ts';
import { World } from '../testing/world.ts';

let world: World;
let serverKey: Uint8Array;
let ann: Acting; // administrator
let owen: Acting; // owner of the room
let mona: Acting; // moderator of the room
let bob: Acting;
let carl: Acting;
let room: string;

beforeAll(async () => {
  world = await World.open();
  ann = await acting(world, 'ann', true);
  owen = await acting(world, 'owen');
  mona = await acting(world, 'mona');
  bob = await acting(world, 'bob');
  carl = await acting(world, 'carl');
  room = (await world.call('POST', '/api/rooms', { name: 'Owen’s' }, owen.token)).body.id;
  for (const person of [mona, bob, carl]) await world.call('POST', `/api/rooms/${room}/join`, {}, person.token);
  await setRole(mona, 'moderator');
  serverKey = fromBase64url((await world.call('GET', '/api/config')).body.serverKey);
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const setRole = (person: Acting, role: string) =>
  database().run('update membership set role = $3 where room = $1 and account = $2', [room, person.id, role]);
const rejoin = (person: Acting) => world.call('POST', `/api/rooms/${room}/join`, {}, person.token);
const counts = async () =>
  (
    await database().rows(
      `select (select count(*)::int from moderation_act) as acts, (select count(*)::int from audit) as audit, (select count(*)::int from ban) as bans,
         (select count(*)::int from membership) as members`,
    )
  )[0];
async function inRoom(person: Acting): Promise<Client> {
  const client = await world.connect(person);
  client.say({ type: 'join', room });
  await client.next('joined');
  return client;
}
const said = (one: SignedAct) => ModerationStatement.parse(JSON.parse(Buffer.from(one.statement, 'base64url').toString()));

/** As any peer would judge it, who knows the server's key and the device's. */
async function holds(one: SignedAct, by: Acting): Promise<boolean> {
  const certificate = decodeRoleCertificate(fromBase64url(one.certificate));
  const { at, device, by: maker } = said(one);
  return (
    device === by.keys.device &&
    maker === certificate.user &&
    certificate.issuedAt <= at &&
    at < certificate.expiresAt &&
    (await verifyEd25519(serverKey, certificate.signature, roleStatement(certificate))) &&
    verifyEd25519(by.keys.deviceKey, fromBase64url(one.signature), actStatement(fromBase64url(one.statement)))
  );
}

describe('a certificate of a role', () => {
  it('is given to owners, moderators and the house, for a day, and to nobody else', async () => {
    const certificates: Record<string, unknown> = {};
    for (const person of [owen, mona, bob]) {
      const client = await world.connect(person);
      client.say({ type: 'join', room });
      const { certificate } = await client.next('joined');
      certificates[person.username] = certificate && decodeRoleCertificate(fromBase64url(certificate));
      client.close();
    }
    expect(certificates).toMatchObject({ owen: { room, user: owen.id, role: 'owner' }, mona: { role: 'moderator' }, bob: null });
    const { issuedAt, expiresAt } = certificates['owen'] as { issuedAt: number; expiresAt: number };
    expect(Math.round((expiresAt - issuedAt) / 3_600_000)).toBe(24);
    await rejoin(ann);
    const client = await world.connect(ann);
    client.say({ type: 'join', room });
    const { certificate } = await client.next('joined');
    expect(decodeRoleCertificate(fromBase64url(certificate!))).toMatchObject({ room: null, user: ann.id, role: 'owner' });
    client.close();
    await world.call('POST', `/api/rooms/${room}/leave`, undefined, ann.token);
  });
});

describe('an act', () => {
  it('reaches everybody in the room with what lets them judge it, ends the membership, and stands in the audit log', async () => {
    const [watching, going] = [await inRoom(carl), await inRoom(bob)];
    expect((await act(world, mona, { act: 'kick', room, user: bob.id, reason: 'enough' })).status).toBe(204);
    const { act: told, room: where } = await watching.next('moderated');
    expect([where, said(told)]).toMatchObject([room, { act: 'kick', user: bob.id, reason: 'enough' }]);
    expect(await holds(told, mona)).toBe(true);
    expect((await going.next('moderated')).act).toEqual(told);
    expect(await going.next('expelled')).toMatchObject({ room, reason: 'kicked' });
    expect((await watching.next('members')).left).toEqual([bob.id]);
    going.say({ type: 'drain', room, after: 0 });
    expect((await going.next('error')).code).toBe('not-found');
    const [line] = await database().rows<{ act: string; detail: object }>('select act, detail from audit order by id desc limit 1');
    expect(line).toEqual({ act: 'member-kicked', detail: { room } });
    expect((await rejoin(bob)).status).toBe(200); // a kick is no ban
    watching.close();
    going.close();
  });

  it('is done once: a replay, an old one, and one of another room, person, device or key do nothing at all', async () => {
    const fresh = () => statementOf(mona, { act: 'mute', room, user: bob.id });
    const once = await signed(mona, fresh());
    const path = `/api/rooms/${room}/moderation`;
    expect((await world.call('POST', path, once, mona.token)).status).toBe(204);
    const before = await counts();
    const tries: [string, object, string][] = [
      ['conflict', once, mona.token],
      ['bad-request', await signed(mona, { ...fresh(), at: Date.now() - 11 * 60_000 }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), at: Date.now() + 11 * 60_000 }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), room: bob.id }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), room: null }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), by: owen.id }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), device: owen.keys.device }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), device: null }), mona.token],
      ['bad-request', await signed(owen, fresh()), mona.token],
      ['bad-request', await signed(mona, fresh()), owen.token],
      ['bad-request', await signed(mona, { ...fresh(), until: undefined }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), until: 1 }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), until: Number.MAX_SAFE_INTEGER }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), reason: 'a\0b' }), mona.token],
      ['bad-request', await signed(mona, { ...fresh(), more: 1 }), mona.token],
      ['bad-request', { ...(await signed(mona, fresh())), statement: 'A' }, mona.token],
      ['bad-request', { ...(await signed(mona, fresh())), statement: '_w' }, mona.token],
      ['forbidden', await signed(bob, { ...fresh(), by: bob.id, device: bob.keys.device }), bob.token],
    ];
    for (const [i, [code, body, token]] of tries.entries())
      expect([i, (await world.call('POST', path, body, token)).body.code]).toEqual([i, code]);
    expect(await counts()).toEqual(before);
    expect((await act(world, mona, { act: 'unmute', room, user: bob.id })).status).toBe(204);
    expect((await act(world, mona, { act: 'unmute', room, user: bob.id })).body.code).toBe('conflict');
  });

  it('reaches only those below: nobody acts on their like, on themselves, or on the house', async () => {
    await setRole(carl, 'moderator');
    await rejoin(ann);
    const code = async (by: Acting, on: Acting) => (await act(world, by, { act: 'mute', room, user: on.id })).body?.code ?? 'done';
    const table: [Acting, Acting, string][] = [
      [bob, carl, 'forbidden'],
      [mona, bob, 'done'],
      [mona, carl, 'forbidden'],
      [mona, owen, 'forbidden'],
      [mona, ann, 'forbidden'],
      [mona, mona, 'forbidden'],
      [owen, carl, 'done'],
      [owen, owen, 'forbidden'],
      [owen, ann, 'forbidden'],
      [ann, owen, 'done'],
      [ann, ann, 'forbidden'],
    ];
    for (const [by, on, outcome] of table)
      expect([by.username, on.username, await code(by, on)]).toEqual([by.username, on.username, outcome]);
    for (const who of [bob, carl, owen]) await act(world, ann, { act: 'unmute', room, user: who.id });
    await setRole(carl, 'member');
    await world.call('POST', `/api/rooms/${room}/leave`, undefined, ann.token);
  });

  it('shows no more of a room than there is for who is not in it', async () => {
    const eve = await acting(world, 'eve');
    const [there, missing] = [
      await act(world, eve, { act: 'ban', room, user: bob.id }),
      await act(world, eve, { act: 'ban', room: eve.id, user: bob.id }),
    ];
    expect([there.status, there.body]).toEqual([404, missing.body]);
    expect((await act(world, owen, { act: 'ban', user: bob.id })).body.code).toBe('forbidden'); // the whole site is not his
    await database().run(`update room set kind = 'hidden' where id = $1`, [room]);
    await database().run(`update account set role = 'moderator' where id = $1`, [eve.id]);
    // Nor is it locked for somebody who is told nothing of it: that takes time, and makes others wait.
    const locked = () => database().rows('select xmax::text as by from room where id = $1', [room]);
    const before = await locked();
    expect((await act(world, eve, { act: 'mute', room, user: bob.id })).status).toBe(404);
    expect(await locked()).toEqual(before);
    expect((await act(world, ann, { act: 'mute', room, user: bob.id })).status).toBe(204);
    expect(await locked()).not.toEqual(before);
    await database().run(`update room set kind = 'direct' where id = $1`, [room]);
    for (const by of [ann, eve]) expect((await act(world, by, { act: 'mute', room, user: bob.id })).status).toBe(404);
    expect((await act(world, owen, { act: 'mute', room, user: bob.id })).status).toBe(403);
    await database().run(`update room set kind = 'open' where id = $1`, [room]);
    await database().run(`update account set role = 'user' where id = $1`, [eve.id]);
  });
});

describe('what holds', () => {
  it('is told to whoever joins: mutes, rules and bans, until they end or are taken back', async () => {
    await database().run(`delete from moderation_act`);
    await rejoin(ann);
    const acts = async () => {
      const client = await world.connect(ann);
      client.say({ type: 'join', room });
      const { acts } = await client.next('joined');
      client.close();
      return acts.map(said).map(({ act: kind, room: where, rules }) => [kind, where, ...(rules ? [rules.images] : [])]);
    };
    const until = Date.now() + 60_000;
    await act(world, mona, { act: 'mute', room, user: bob.id, until });
    await act(world, mona, { act: 'rules', room, user: bob.id, rules: { images: true, cameras: false } });
    await act(world, ann, { act: 'mute', user: carl.id, until: null });
    await act(world, mona, { act: 'ban', room, user: carl.id });
    expect(await acts()).toEqual([
      ['mute', room],
      ['rules', room, true],
      ['ban', room],
    ]);
    await act(world, mona, { act: 'unban', room, user: carl.id });
    await rejoin(carl);
    expect(await acts()).toEqual([
      ['mute', room],
      ['rules', room, true],
      ['mute', null],
    ]);
    await act(world, mona, { act: 'rules', room, user: bob.id, rules: { images: false, cameras: false } });
    await database().run('update moderation_act set until = $1 where until is not null', [Date.now() - 1]);
    expect(await acts()).toEqual([['mute', null]]);
    await act(world, ann, { act: 'unmute', user: carl.id });
    expect(await acts()).toEqual([]);
    await world.call('POST', `/api/rooms/${room}/leave`, undefined, ann.token);
  });
});

describe('what holds, where it is too much for a frame', () => {
  it('leaves out the oldest bans first', async () => {
    const nobodyHere = await acting(world, 'nobody-here');
    const crowded = (await world.call('POST', '/api/rooms', { name: 'Crowded' }, owen.token)).body.id;
    await database().run(
      `insert into moderation_act (room, account, act, statement, signature, certificate, at)
       select $1, $2, case when i <= 20 then 'mute' else 'ban' end, convert_to(repeat(i || ' ', 100), 'UTF8'), convert_to('s' || i, 'UTF8'), '', i
       from generate_series(1, 300) i`,
      [crowded, nobodyHere.id],
    );
    const client = await world.connect(owen);
    client.say({ type: 'join', room: crowded });
    const { acts } = await client.next('joined');
    const told = acts.map(({ signature }) => Number(Buffer.from(signature, 'base64url').toString().slice(1)));
    expect(told.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(told.length).toBeLessThan(100);
    expect(told.slice(20)).toEqual(Array.from({ length: told.length - 20 }, (_, i) => 301 - (told.length - 20) + i));
    client.close();
  });
});

describe('a preview', () => {
  it('says what an act would do, or why not, and does nothing', async () => {
    const before = await counts();
    const show = async (by: Acting, deed: object) =>
      (await world.call('POST', '/api/moderation/preview', { room, ...deed }, by.token)).body;
    const [one, two] = [await inRoom(bob), await inRoom(carl)];
    expect(await show(mona, { act: 'kick', user: bob.id })).toEqual({
      allowed: true,
      refusal: null,
      rooms: 1,
      devices: 0,
      sockets: 1,
      sessions: 0,
      waiting: 0,
      successor: null,
    });
    expect(await show(mona, { act: 'mute', user: bob.id })).toMatchObject({ allowed: true, rooms: 0, sockets: 0 });
    expect(await show(ann, { act: 'ban', user: owen.id })).toMatchObject({ allowed: true, successor: 'mona' });
    expect(await show(ann, { act: 'ban', user: owen.id, room: null })).toMatchObject({ allowed: true, rooms: 2, sessions: 1 });
    for (const [by, deed, why] of [
      [mona, { act: 'kick', user: owen.id }, 'below yours'],
      [bob, { act: 'kick', user: carl.id }, 'only owners and moderators'],
      [mona, { act: 'ban', user: bob.id, room: null }, 'moderators of the site'],
      [ann, { act: 'kick', user: bob.id, room: null }, 'a kick is from a room'],
    ] as [Acting, object, string][]) {
      const { allowed, refusal } = await show(by, deed);
      expect([allowed, refusal.includes(why)]).toEqual([false, true]);
    }
    expect((await show(bob, { act: 'kick', user: carl.id, room: carl.id })).code).toBe('not-found');
    expect(await counts()).toEqual(before);
    one.close();
    two.close();
  });
});

describe('a program of the site', () => {
  it('acts with a token of its scope, by the server’s signature, and never on an administrator', async () => {
    const scope = 'moderation:write';
    const { secret } = (await world.call('POST', '/api/admin/tokens', { name: 'site', scopes: [scope] }, ann.token)).body;
    const watching = await inRoom(carl).catch(() => null);
    expect(watching).not.toBeNull();
    const order = { act: 'mute', room, user: bob.id, until: null };
    expect((await world.call('POST', '/api/moderation/acts', order, ann.token)).status).toBe(403);
    expect((await world.call('POST', '/api/moderation/acts', order, secret)).status).toBe(204);
    const { act: told } = await watching!.next('moderated');
    expect([said(told).device, told.certificate]).toEqual([null, '']);
    expect(await verifyEd25519(serverKey, fromBase64url(told.signature), actStatement(fromBase64url(told.statement)))).toBe(true);
    expect((await world.call('POST', '/api/moderation/acts', { ...order, user: ann.id, room: null }, secret)).status).toBe(403);
    expect((await world.call('POST', '/api/moderation/acts', { ...order, until: undefined }, secret)).status).toBe(400);
    watching!.close();
  });
});
