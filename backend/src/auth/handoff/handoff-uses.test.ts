import { afterEach, expect, it, vi } from 'vitest';
import { Database } from '../../database/database.ts';
import { Site } from '../../testing/site.ts';
import { World } from '../../testing/world.ts';
import { HandoffUses } from './handoff-uses.service.ts';

let world: World;
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

it('remembers a used token where the clock of the server that sweeps is almost an hour ahead, and not for ever', async () => {
  const site = new Site();
  world = await World.open(site.environment());
  await world.first('ann');
  const jwt = await site.token();
  const hand = () => world.call('POST', '/api/auth/handoff', { jwt });
  expect((await hand()).status).toBe(200);
  const sweepAhead = async (minutes: number) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
    await world.server.app.get(HandoffUses).sweep();
    vi.useRealTimers();
    return (await world.server.app.get(Database).rows('select 1 from handoff_use')).length;
  };
  expect(await sweepAhead(59)).toBe(1);
  expect((await hand()).body.reason).toBe('used');
  expect(await sweepAhead(63)).toBe(0);
});
