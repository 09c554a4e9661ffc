import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World, type Answer } from '../testing/world.ts';

let world: World;
let ann: Member;
let bob: Member;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
});
beforeEach(async () => {
  bob = await Member.come(world, `bob${++number}`);
});
afterAll(() => world.close());

const direct = (from: Member, to: Member): Promise<Answer> => from.call('POST', '/api/direct', { user: to.person.id });
const block = (who: Member, whom: Member) => who.call('PUT', `/api/me/blocks/${whom.person.id}`);

describe('a conversation of two (ROOM5)', () => {
  it('is one, whoever begins it and however often; both are told, and it stands in no list', async () => {
    const [first, second] = await Promise.all([direct(ann, bob), direct(bob, ann)]);
    expect(first).toMatchObject({ status: 200, body: { kind: 'direct', name: '', members: 2 } });
    expect(second.body.id).toBe(first.body.id);
    const { id } = first.body;
    expect((await bob.client.next('members', (frame) => frame.room === id)).joined).toMatchObject([{ role: 'member' }]);
    const list = (await ann.call('GET', '/api/rooms')).body;
    expect(list.rooms.map((room: { id: string }) => room.id)).not.toContain(id);
    expect(list.mine).toContain(id);
    for (const [method, path] of [['DELETE', ''], ['POST', '/archive'], ['PATCH', '']] as const)
      expect([method, (await ann.call(method, `/api/rooms/${id}${path}`, { topic: 'x' })).status]).toEqual([method, 403]); // prettier-ignore
    const carl = await Member.come(world, `carl${number}`);
    expect((await carl.call('POST', `/api/rooms/${id}/join`, {})).status).toBe(404);
  });

  it('is not with oneself, nor with nobody', async () => {
    expect((await direct(ann, ann)).status).toBe(400);
    expect((await ann.call('POST', '/api/direct', { user: '00000000-0000-4000-8000-000000000000' })).status).toBe(404);
  });

  it('is not begun with who does not want to be disturbed, and goes on where it was; a block looks the same', async () => {
    await bob.call('PUT', '/api/me/status', { status: 'dnd' });
    const quiet = await direct(ann, bob);
    expect(quiet).toMatchObject({ status: 403, body: { code: 'forbidden', reason: 'no-directs' } });
    await bob.call('PUT', '/api/me/status', { status: 'online' });
    await block(bob, ann);
    expect([(await direct(ann, bob)).body, 403]).toEqual([quiet.body, quiet.status]);
    expect((await direct(bob, ann)).body).toMatchObject({ reason: 'blocked' });
    await bob.call('DELETE', `/api/me/blocks/${ann.person.id}`);
    expect((await direct(ann, bob)).status).toBe(200);
    await bob.call('PUT', '/api/me/status', { status: 'dnd' });
    expect((await direct(ann, bob)).status).toBe(200);
  });

  it('is not begun by guests, who may be written to', async () => {
    await world.server.app.get(Database).run(`update account set origin = 'guest' where id = $1`, [bob.person.id]);
    expect((await direct(bob, ann)).status).toBe(403);
    expect((await direct(ann, bob)).status).toBe(200);
  });

  it('is left by one and begun again, and gone when both have left', async () => {
    const { id } = (await direct(ann, bob)).body;
    expect((await bob.call('POST', `/api/rooms/${id}/leave`, {})).status).toBe(204);
    expect((await direct(ann, bob)).body).toMatchObject({ id, members: 2 });
    for (const who of [ann, bob]) await who.call('POST', `/api/rooms/${id}/leave`, {});
    expect((await direct(ann, bob)).body.id).not.toBe(id);
  });

  it('names nobody any more who deleted their account', async () => {
    const { id } = (await direct(ann, bob)).body;
    await world.call('DELETE', `/api/admin/accounts/${bob.person.id}`, undefined, ann.person.token);
    const [row] = await world.server.app
      .get(Database)
      .rows<{ users: string[] }>('select direct_users as users from room where id = $1', [id]);
    expect(row.users).toHaveLength(2);
    expect(row.users).toContain(ann.person.id);
    expect(row.users).not.toContain(bob.person.id);
  });
});

describe('a block (MOD2)', () => {
  it('is one’s own to set, see and take back, and nobody else’s to know', async () => {
    expect((await block(ann, bob)).status).toBe(204);
    expect((await block(ann, bob)).status).toBe(204);
    expect((await ann.call('GET', '/api/me/blocks')).body.users).toContain(bob.person.id);
    expect((await bob.call('GET', '/api/me/blocks')).body.users).toEqual([]);
    expect((await block(ann, ann)).status).toBe(400);
    await ann.call('DELETE', `/api/me/blocks/${bob.person.id}`);
    expect((await ann.call('GET', '/api/me/blocks')).body.users).not.toContain(bob.person.id);
  });

  it('stops what passes between the two at once, on both sides, and nothing in other rooms', async () => {
    await bob.publish();
    const { id } = (await direct(ann, bob)).body;
    const users = [ann.person.id, bob.person.id].sort() as [string, string];
    for (const who of [ann, bob]) {
      who.client.say({ type: 'join', room: id });
      await who.client.next('joined', ({ room }) => room === id);
    }
    expect((await ann.found(id, 0, { by: 'direct', users })).status).toBe(200);
    const { group } = await ann.client.next('group', (frame) => frame.room === id && frame.group.adding.includes(bob.device));
    expect(group.adding).toEqual([bob.device]);
    expect(await bob.enter(id)).toMatchObject({ status: 403, body: { reason: 'members-add' } });
    const { packages } = (await ann.call('POST', `/api/rooms/${id}/key-packages`, { devices: [bob.device] })).body;
    expect((await ann.commit(id, [Buffer.from(packages[0].keyPackage, 'base64url')])).status).toBe(200);
    await bob.follow(id, 'welcome');
    await ann.send(id, 'before', [bob]);
    expect((await bob.read()).text).toBe('before');
    await ann.client.next('held');

    await block(bob, ann);
    for (const [from, to] of [[ann, bob], [bob, ann]] as const) {
      from.client.say({ type: 'signal', room: id, to: to.device, data: 'x' });
      expect(await from.client.next('error')).toMatchObject({ code: 'forbidden' });
      await from.send(id, 'after', [to]);
      expect(await from.client.next('refused')).toMatchObject({ room: id, code: 'forbidden' });
      expect(to.client.envelopes).toEqual([]);
    } // prettier-ignore
    await bob.call('DELETE', `/api/me/blocks/${ann.person.id}`);
    ann.client.say({ type: 'signal', room: id, to: bob.device, data: 'y' });
    expect(await bob.client.next('signal')).toMatchObject({ data: 'y' });
  });
});
