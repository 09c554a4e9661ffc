import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist/backend/src');
/** Opens the database of DATA_DIR, which makes its tables, and closes it. */
const make = `
  const { Database } = await import('./database/database.js');
  const { readConfig } = await import('./config.js');
  const database = new Database(readConfig(process.env));
  await database.open();
  await database.onApplicationShutdown();`;

/**
 * A data folder whose embedded database has its tables and nothing else, for servers to begin with copies of: making one takes a slow machine
 * many seconds. It is kept beside the built server, and made anew when a migration or the database itself has changed.
 */
export function emptyHouse(): string {
  const migrations = join(built, 'database/migrations');
  const hash = createHash('sha256').update(readFileSync(join(root, 'node_modules/@electric-sql/pglite/package.json')));
  for (const name of readdirSync(migrations)
    .filter((each) => each.endsWith('.js'))
    .sort())
    hash.update(readFileSync(join(migrations, name)));
  const houses = join(root, 'dist/empty-houses');
  const house = join(houses, hash.digest('hex').slice(0, 16));
  if (existsSync(house)) return house;
  mkdirSync(houses, { recursive: true });
  const draft = mkdtempSync(join(houses, 'draft-'));
  const environment = { ...process.env, NODE_ENV: 'test', DATA_DIR: draft, DATABASE_URL: undefined }; // embedded, whatever the shell has
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', make], {
    cwd: built,
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`no empty database could be made: ${stderr}`);
  try {
    renameSync(draft, house);
  } catch (error) {
    // Another process was quicker: its house is as good.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(house)) throw error;
  }
  return house;
}
