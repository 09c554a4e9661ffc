import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeInvitation, fromBase64url, toBase64url } from '../../../libs/protocol/src/index.ts';
import { invitationKeys, isInvited, proofOf, signInvitation, type InvitationKeys } from '../../../libs/client/src/room/invitation-key.ts';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World, type Answer } from '../testing/world.ts';

const HOUR = 3_600_000;
let world: World;
let database: Database;
let ann: Member;
let bob: Member;
let carl: Member;
let room: string;
let keys: InvitationKeys;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  database = world.server.app.get(Database);
  ann = await Member.come(world, 'ann', true);
  [bob, carl] = [await Member.come(world, 'bob'), await Member.come(world, 'carl')];
});
beforeEach(async () => {
  room = (await ann.call('POST', '/api/rooms', { name: `Cellar ${++number}`, kind: 'hidden' })).body.id;
  keys = await invitationKeys(new Uint8Array(randomBytes(32)));
});
afterAll(() => world.close());

async function invite(by = ann, more: object = {}, of = room): Promise<Answer> {
  const expiresAt = Date.now() + HOUR;
  const signature = toBase64url(await signInvitation(by.sealer, of, keys.publicKey, expiresAt));
  const request = { secretHash: toBase64url(keys.secretHash), publicKey: toBase64url(keys.publicKey), expiresAt, uses: 1, signature };
  return by.call('POST', `/api/rooms/${of}/invites`, { ...request, ...more });
}
async function use(who: Member, as = who): Promise<Answer> {
  const proof = await proofOf(keys, room, as.person.keys.accountKey);
  return who.call('POST', '/api/room-invites/use', { secret: toBase64url(keys.secret), proof: toBase64url(proof) });
}

describe('an invitation into a room (ROOM8)', () => {
  it('lets one in, into a hidden room too, and is used up; who is a member uses nothing', async () => {
    expect(await invite()).toMatchObject({ status: 201, body: { usesLeft: 1, createdBy: ann.person.id } });
    expect((await use(ann)).status).toBe(200);
    expect(await use(bob)).toMatchObject({ status: 200, body: { id: room, kind: 'hidden' } });
    expect((await use(bob)).status).toBe(403); // there is none any more, for members either
    expect(await use(carl)).toMatchObject({ status: 403, body: { code: 'bad-invite' } });
    expect((await ann.call('GET', `/api/rooms/${room}/invites`)).body).toEqual([]);
  });

  it('lets as many in as it says, of twenty who race for two', async () => {
    await invite(ann, { uses: 2 });
    const people = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const id = randomUUID();
      await database.run(`insert into account (id, username, display_name, role, created_at, account_key) values ($1, $2, $2, 'user', 0, $3)`, [id, `racer-${number}-${i}`, randomBytes(32)]);
      return id;
    })); // prettier-ignore
    const { Invited } = await import('./invited.service.ts');
    const invited = world.server.app.get(Invited);
    const outcomes = await Promise.allSettled(
      people.map(async (id) => {
        const [row] = await database.rows<{ key: Uint8Array }>('select account_key as key from account where id = $1', [id]);
        const proof = toBase64url(await proofOf(keys, room, new Uint8Array(row.key)));
        return invited.come(id, { secret: toBase64url(keys.secret), proof });
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await database.rows('select 1 from membership where room = $1', [room])).toHaveLength(3);
  });

  it('comes with both signatures to the members’ devices, who check them again', async () => {
    await ann.found(room, 0, { by: 'closed' });
    ann.client.say({ type: 'join', room });
    await ann.client.next('joined', (frame) => frame.room === room);
    await bob.publish();
    await invite();
    await use(bob);
    const { group } = await ann.client.next('group', (frame) => frame.room === room && frame.group.adding.length > 0);
    expect(group.adding).toEqual([bob.device]);
    expect(group.invited.map(({ device }) => device)).toEqual([bob.device]);
    const invitation = decodeInvitation(fromBase64url(group.invited[0].invitation));
    const { leaves } = (await ann.sealer.roster(room))!;
    const to = { room, accountKey: bob.person.keys.accountKey, leaves, now: Date.now() };
    expect(await isInvited(invitation, to)).toBe(true);
    expect(await isInvited(invitation, { ...to, accountKey: carl.person.keys.accountKey })).toBe(false);
  });

  it('is none when it was signed by another device, for another room, account or time, or its proof is another’s', async () => {
    for (const wrong of [{ signature: 'A'.repeat(86) }, { expiresAt: Date.now() + 2 * HOUR }, { publicKey: 'A'.repeat(43) }])
      expect([wrong, (await invite(ann, wrong)).status]).toEqual([wrong, 400]);
    expect((await invite(ann, { expiresAt: Date.now() - 1 })).status).toBe(400);
    await invite();
    expect(await use(bob, carl)).toMatchObject({ status: 403, body: { code: 'bad-invite' } });
    expect((await use(bob)).status).toBe(200);
  });

  it('is made by members only, seen and revoked by its maker and by who moderates the room', async () => {
    expect((await invite(bob)).status).toBe(404);
    const open = (await ann.call('POST', '/api/rooms', { name: `Hall ${number}` })).body.id as string;
    for (const who of [bob, carl]) await who.call('POST', `/api/rooms/${open}/join`, {});
    const { id } = (await invite(bob, {}, open)).body;
    const of = async (who: Member) => ((await who.call('GET', `/api/rooms/${open}/invites`)).body as { id: string }[]).map((one) => one.id);
    expect([await of(ann), await of(bob), await of(carl)]).toEqual([[id], [id], []]);
    expect((await carl.call('DELETE', `/api/rooms/${open}/invites/${id}`)).status).toBe(404);
    expect((await ann.call('DELETE', `/api/rooms/${open}/invites/${id}`)).status).toBe(204);
    expect(await of(bob)).toEqual([]);
  });

  it('ends with the membership or the device of who made it', async () => {
    await invite();
    await database.run('update device set revoked_at = 1 where id = $1', [ann.device]);
    expect((await use(bob)).status).toBe(403);
    await database.run('update device set revoked_at = null where id = $1', [ann.device]);
    await database.run('delete from membership where room = $1 and account = $2', [room, ann.person.id]);
    expect((await use(bob)).status).toBe(403);
  });

  it('does not bring back who is banned, and tells them nothing of a hidden room', async () => {
    await invite();
    await database.run(
      `insert into ban (id, room, account, until, reason, made_by, by_name, created_at) values ($1, $2, $3, null, 'x', null, '', 0)`,
      [randomUUID(), room, bob.person.id],
    );
    const answer = await use(bob);
    expect(answer).toMatchObject({ status: 403, body: { code: 'bad-invite' } });
    await database.run('delete from room_invite');
    expect(answer.body).toEqual((await use(bob)).body);
  });
});
