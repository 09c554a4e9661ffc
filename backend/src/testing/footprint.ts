import { Database } from '../database/database.ts';
import type { World } from './world.ts';

/** Rows of every table that something said on a socket could leave traces in. */
export async function footprint(world: World): Promise<unknown> {
  const tables = [
    'account',
    'device',
    'room',
    'membership',
    'room_group',
    'room_leaf',
    'room_log',
    'relay_cursor',
    'expiry_notice',
    'audit',
  ];
  const counts = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ');
  const [row] = await world.server.app.get(Database).rows(`select ${counts}`);
  return row;
}
