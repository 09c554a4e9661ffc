import { Database } from '../database/database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeParts, encodeParts, fromBase64url, toBase64url } from '../../../libs/protocol/src/index.ts';
import { MlsSealer } from '../../../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore } from '../../../libs/client/src/storage/memory-store.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';

let world: World;
let ann: Member;
let bob: Member;
let room: string;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
});
afterAll(() => world.close());

/** Ann and a fresh bob in one group, at epoch 1. */
beforeEach(async () => {
  bob = await Member.come(world, `bob${++number}`);
  room = (await ann.call('POST', '/api/rooms', { name: `Room ${number}` })).body.id;
  await ann.connect();
  await ann.join(room);
  await bob.join(room);
  expect((await ann.found(room)).status).toBe(200);
  expect((await bob.enter(room)).body).toMatchObject({ epoch: 1 });
  await ann.follow(room);
});

describe('the delivery service', () => {
  it('orders one of two commits that race, and refuses the other as stale', async () => {
    const [first, second] = await Promise.all([ann.commit(room), bob.commit(room)]);
    const codes = [first, second]
      .map(({ status, body }) => (status === 200 ? 'ordered' : String(body.code)))
      .sort((a, b) => a.localeCompare(b));
    expect(codes).toEqual(['ordered', 'stale-epoch']);
  });

  it('founds a group once', async () => {
    const other = (await ann.call('POST', '/api/rooms', { name: `Race ${number}` })).body.id;
    await bob.join(other);
    const answers = await Promise.all([ann.found(other), bob.found(other)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
  });

  it('takes an admission once, and only for the device and the group it was made for', async () => {
    const carl = await Member.come(world, `carl${number}`);
    await carl.join(room);
    const { body } = await carl.call('POST', `/api/rooms/${room}/admission`, {});
    const bundle = await carl.sealer.joinByCommit(
      room,
      fromBase64url(body.groupInfo),
      fromBase64url(body.admission),
      carl.serverKey,
      false,
    );
    expect((await ann.submit(room, 0, 1, bundle)).body.code).toBe('forbidden');
    const twice = await Promise.all([carl.submit(room, 0, 1, bundle), carl.submit(room, 0, 1, bundle)]);
    expect(twice.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
  });

  it('lets a device that lost its state come in again in place of its old leaf', async () => {
    expect((await bob.enter(room, true)).status).toBe(200);
    const { removed, added } = (await followed(ann))!;
    expect([removed, added].map((leaves) => leaves.map(({ device }) => device))).toEqual([[bob.device], [bob.device]]);
  });

  it('keeps newcomers out while somebody must be removed, and asks for the removal in the commit', async () => {
    const carl = await Member.come(world, `carl${number}`);
    await bob.call('POST', `/api/rooms/${room}/leave`);
    const { group } = await ann.client.next('group', (frame) => frame.room === room && frame.group.removing.length > 0);
    await carl.join(room);
    expect((await carl.enter(room)).body.code).toBe('removal-pending');
    expect((await ann.commit(room)).body.code).toBe('removal-pending');
    await ann.propose(room, group);
    expect((await ann.commit(room)).body).toMatchObject({ epoch: 2 });
    expect((await carl.enter(room)).body).toMatchObject({ epoch: 3 });
  });

  it('cancels nothing when somebody who left joins again: the old leaf goes first', async () => {
    await bob.call('POST', `/api/rooms/${room}/leave`);
    await bob.client.next('expelled');
    const group = await bob.join(room);
    expect(group.removing.map(({ device }) => device)).toEqual([bob.device]);
    expect((await bob.enter(room, true)).body.code).toBe('removal-pending');
    await ann.propose(room, group);
    expect((await ann.commit(room)).status).toBe(200);
    expect((await bob.enter(room)).status).toBe(200);
  });

  it('begins a new generation when nobody is left who could let anyone in', async () => {
    const other = (await bob.call('POST', '/api/rooms', { name: `Alone ${number}` })).body.id;
    await bob.join(other);
    await bob.found(other);
    await ann.join(other);
    await bob.call('PUT', `/api/rooms/${other}/members/${ann.person.id}/role`, { role: 'owner' });
    expect((await bob.call('POST', `/api/rooms/${other}/leave`)).status).toBe(204);
    const { group } = await ann.client.next('group', (frame) => frame.room === other && frame.group.generation === 1);
    expect(group.epoch).toBe(-1);
    expect((await ann.found(other, 1)).body).toMatchObject({ generation: 1, epoch: 0 });
  });

  it('lets an account whose key was reset in by a member only, with a key package that is then used up', async () => {
    const sealer = new MlsSealer(openMemoryStore());
    const keys = await sealer.enroll(bob.person.id);
    const refused = await world.enrol(bob.person, keys);
    expect(refused.body.code).toBe('conflict');
    const began = 'update session set created_at = created_at - $1::bigint where account = $2';
    await world.server.app.get(Database).run(began, [16 * 60_000, bob.person.id]);
    const found = await world.enrol(bob.person, keys, { resetAccountKey: true });
    expect([found.status, found.body.reason]).toEqual([403, 'sign-in-again']); // a browser left open throws no devices out
    await world.server.app.get(Database).run(began, [-16 * 60_000, bob.person.id]);
    expect((await world.enrol(bob.person, keys, { resetAccountKey: true })).status).toBe(204);
    expect((await bob.client.next('bye')).code).toBe('session-ended');
    const { group } = await ann.client.next('group', (frame) => frame.room === room && frame.group.removing.length > 0);
    await ann.propose(room, group);
    expect((await ann.commit(room)).status).toBe(200);
    expect((await bob.call('POST', `/api/rooms/${room}/admission`, {})).body.code).toBe('forbidden');
    const { packages } = await sealer.keyPackages(2, false);
    await bob.call('POST', `/api/me/devices/${keys.device}/key-packages`, { packages: packages.map(toBase64url) });
    await ann.client.next('group', (frame) => frame.room === room && frame.group.adding.includes(keys.device));
    const claim = () => ann.call('POST', `/api/rooms/${room}/key-packages`, { devices: [keys.device] });
    const [lease, again] = [await claim(), await claim()];
    expect(again.body).toEqual(lease.body);
    expect((await ann.commit(room, [fromBase64url(lease.body.packages[0].keyPackage)])).status).toBe(200);
    expect((await bob.call('GET', `/api/me/devices/${keys.device}/key-packages`)).body.oneTime).toBe(1);
  });

  it('shows nothing of a room to those who are not in it', async () => {
    const mallory = await Member.come(world, `mallory${number}`);
    const missing = '00000000-0000-4000-8000-000000000000';
    for (const path of [
      'admission',
      'key-packages',
      'leave',
      'group',
      'commits?generation=0&epoch=1',
      'restored?generation=0&epoch=1&count=1',
    ]) {
      const body =
        path === 'key-packages'
          ? { devices: [ann.device] }
          : /group|commits|restored/.test(path)
            ? new Uint8Array(path === 'group' ? 4 : path.startsWith('restored') ? 8 : 12)
            : {};
      const [foreign, none] = [
        await mallory.call('POST', `/api/rooms/${room}/${path}`, body),
        await mallory.call('POST', `/api/rooms/${missing}/${path}`, body),
      ];
      expect([path, foreign.status, foreign.body]).toEqual([path, 404, none.body]);
    }
    expect((await mallory.call('GET', `/api/rooms/${room}/log/1`)).status).toBe(404);
  });

  it('takes commits back only under its own signature, and where they follow on what it knows (D11)', async () => {
    const restore = (epoch: number, commit: Uint8Array, signature: Uint8Array) =>
      ann.call('POST', `/api/rooms/${room}/restored?generation=0&epoch=${epoch}&count=1`, encodeParts([commit, signature]));
    const { commit } = await bob.sealer.commit(room, []);
    const forged = await bob.sealer.sign(new Uint8Array(64)); // a member's word is not the server's
    expect((await restore(1, commit, forged)).body.code).toBe('bad-commit');
    await bob.sealer.discard(room);
    const { signature, epoch } = (await ann.commit(room)).body;
    expect(epoch).toBe(2);
    expect((await restore(1, commit, fromBase64url(signature))).body.code).toBe('stale-epoch');
    expect((await restore(2, commit, fromBase64url(signature))).body.code).toBe('bad-commit');
    expect((await ann.commit(room)).body).toMatchObject({ epoch: 3 }); // nothing of it left a trace
  });

  it('refuses bundles that are none, without a trace', async () => {
    for (const body of [new Uint8Array(), new Uint8Array(7), new Uint8Array([0, 0, 0, 200, 1]), new Uint8Array(12)]) {
      const answer = await ann.call('POST', `/api/rooms/${room}/commits?generation=0&epoch=1`, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await ann.call('POST', `/api/rooms/${room}/commits?generation=0&epoch=1`, new Uint8Array(1_100_000))).status).toBe(413);
    expect((await ann.commit(room)).body).toMatchObject({ epoch: 2 });
  });
});

async function followed(member: Member) {
  const frame = await member.client.next('committed', (candidate) => candidate.room === room && candidate.as === 'commit');
  const [commit, signature] = decodeParts((await member.call('GET', `/api/rooms/${room}/log/${frame.pos}`)).body, 2);
  return member.sealer.apply(room, commit, signature);
}
