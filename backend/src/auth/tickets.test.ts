import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';
import { Tickets } from './tickets.service.ts';

let world: World;
let ann: Person;
beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
});
afterAll(() => world.close());

describe('tickets', () => {
  it('wait for use by the twenty of one session, also when more are asked for at once', async () => {
    const [{ id }] = (await world.server.app.get(Database).rows<{ id: string }>('select id from session')) as [{ id: string }];
    const tickets = world.server.app.get(Tickets);
    const asked = await Promise.allSettled(Array.from({ length: 60 }, () => tickets.issue(id)));
    const issued = asked.filter(({ status }) => status === 'fulfilled').length;
    expect(issued).toBeGreaterThanOrEqual(20);
    expect(issued).toBeLessThanOrEqual(30); // each of ten connections to Postgres may see nineteen
    const more = await world.call('POST', '/api/auth/ticket', undefined, ann.token);
    expect([more.status, more.body.code]).toEqual([429, 'slow-down']);
    const other = (await world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD })).body;
    expect((await world.call('POST', '/api/auth/ticket', undefined, other.accessToken)).status).toBe(200);
  });
});
