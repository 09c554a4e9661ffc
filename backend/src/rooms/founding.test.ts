import { afterAll, beforeAll, expect, it } from 'vitest';
import { World, type Person } from '../testing/world.ts';

let world: World;
let bob: Person;
beforeAll(async () => {
  world = await World.open();
  await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const found = async (name: string, by = bob) => (await world.call('POST', '/api/rooms', { name }, by.token)).body;

it('gives one account fifty rooms to own, however many it makes at once, and others theirs', async () => {
  for (let i = 0; i < 48; i++) expect((await found(`Room ${i}`)).code).toBeUndefined();
  const last = await Promise.all(['One', 'Two', 'Three', 'Four'].map((name) => found(name)));
  expect(last.filter(({ code }) => code === undefined)).toHaveLength(2);
  expect(last.find(({ code }) => code !== undefined)).toEqual({ code: 'conflict', text: expect.stringContaining('leave one before') });
  expect((await found('Ann’s', world.admin)).name).toBe('Ann’s');
  await world.call('POST', `/api/rooms/${last.find(({ id }) => id)!.id}/leave`, undefined, bob.token);
  expect((await found('Another')).name).toBe('Another');
  expect((await found('One more')).code).toBe('conflict');
});
