import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import type { Client } from '../testing/client.ts';
import { World, type Person } from '../testing/world.ts';
import { SessionWatch } from './session-watch.service.ts';

/* What another server did is written into the database by hand; the clock is left as it is. */
let world: World;
let ann: Person;
let bob: Person;
beforeEach(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterEach(() => world.close());

const run = (sql: string, params: unknown[]) => world.server.app.get(Database).run(sql, params);
const byed = async (client: Client) => (await client.next('bye')).code;

async function stays(client: Client): Promise<void> {
  await world.server.app.get(SessionWatch).look();
  client.say({ type: 'ping' });
  await client.next('pong');
}

describe('a session that ends on another server', () => {
  it.each([
    ['is signed out', 'update session set ended_at = $2 where account = $1', Date.now()],
    ['expires', 'update session set expires_at = $2 where account = $1', 1],
    ['is of an account that is locked', 'update account set locked_at = $2 where id = $1', 1],
    ['is of an account that is deleted', 'delete from session where account = $1 and $2 > 0', 1],
  ])('closes its socket here when it %s, and nobody else’s', async (_, sql, moment) => {
    const [a, b] = [await world.connect(ann), await world.connect(bob)];
    await stays(a);
    await run(sql, [bob.id, moment === 1 ? 1 : Date.now()]);
    expect(await byed(b)).toBe('session-ended');
    await stays(a);
    a.close();
  });

  it('is found when the database comes back, and its absence ends nobody', async () => {
    const [a, b] = [await world.connect(ann), await world.connect(bob)];
    const database = world.server.app.get(Database);
    const rows = database.rows.bind(database);
    const watch = world.server.app.get(SessionWatch);
    await run('update session set ended_at = $2 where account = $1', [bob.id, Date.now()]);
    database.rows = () => Promise.reject(new Error('away'));
    await expect(watch.look()).rejects.toThrow('away');
    database.rows = rows;
    expect(world.server.app.get(Presence).sockets).toBeGreaterThanOrEqual(1);
    expect(await byed(b)).toBe('session-ended');
    await stays(a);
    a.close();
  });
});
