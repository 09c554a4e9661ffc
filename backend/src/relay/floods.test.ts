import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';

let world: World;
let ann: Member;
let bob: Member;

beforeAll(async () => {
  world = await World.open({ FLOOD_PER_MINUTE: '6' });
  ann = await Member.come(world, 'ann', true);
  bob = await Member.come(world, 'bob');
});
afterAll(() => world.close());

async function room(name: string): Promise<string> {
  const { id } = (await ann.call('POST', '/api/rooms', { name })).body;
  await ann.connect();
  await ann.join(id);
  await bob.join(id);
  await ann.found(id);
  await bob.enter(id);
  await ann.follow(id);
  return id;
}
const answersOf = ({ client }: Member) => client.frames.filter(({ type }) => type === 'held' || type === 'refused').length;

/** Sends so many, on a socket of its own, and gives how each was answered. */
async function send(from: Member, to: Member, where: string, count: number): Promise<string[]> {
  await from.connect();
  await from.join(where);
  for (let i = 0; i < count; i++) await from.send(where, `${i}`, [to]);
  await from.client.until('every answer', () => (answersOf(from) === count ? true : undefined));
  const answers = from.client.frames.flatMap((frame) =>
    frame.type === 'held' ? [{ n: frame.n, how: 'held' }] : frame.type === 'refused' ? [{ n: frame.n, how: frame.code }] : [],
  );
  return answers.sort((a, b) => a.n - b.n).map(({ how }) => how);
}

describe('a flood', () => {
  it('is counted over all sockets of an account, by room; it is told when to go on, and nothing is lost', async () => {
    const [loud, quiet] = [await room('Loud'), await room('Quiet')];
    expect(await send(bob, ann, loud, 40)).toEqual(Array(40).fill('held'));
    // A socket's own budget is fresh: the account's is not.
    const answers = await send(bob, ann, loud, 30);
    expect(answers.slice(0, 20)).toEqual(Array(20).fill('held'));
    const refused = answers.indexOf('slow-down');
    expect(refused).toBeGreaterThanOrEqual(20);
    expect(new Set(answers.slice(refused + 1))).toEqual(new Set(['resubmit']));
    const [told] = bob.client.frames.filter((frame) => frame.type === 'refused' && frame.code === 'slow-down');
    expect(told).toMatchObject({ room: loud, n: refused + 1, retryAfterMs: expect.any(Number) });
    expect((told as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(10_000);
    // Neither another room nor another person pays for it.
    expect(await send(bob, ann, quiet, 10)).toEqual(Array(10).fill('held'));
    expect(await send(ann, bob, loud, 10)).toEqual(Array(10).fill('held'));
  });
});
