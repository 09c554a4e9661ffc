import { basename } from 'node:path';
import { Client } from 'pg';

/** The Postgres that tests run on, when one is named; else each directory has an embedded one. */
export const server = process.env['TEST_DATABASE_URL'];

/** The environment in which a server finds what belongs to a directory. */
export function environmentOf(dir: string): Record<string, string> {
  if (server === undefined) return { DATA_DIR: dir };
  const url = new URL(server);
  url.pathname = `/${basename(dir)}`;
  return { DATA_DIR: dir, DATABASE_URL: url.href };
}

export const createDatabase = (dir: string, template?: string) =>
  administer(`create database "${basename(dir)}"${template === undefined ? '' : ` template "${basename(template)}"`}`);
export const dropDatabase = (dir: string) => administer(`drop database if exists "${basename(dir)}" with (force)`);

/** Nothing where databases are embedded. */
async function administer(statement: string): Promise<void> {
  if (server === undefined) return;
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
