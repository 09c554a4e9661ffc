import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';

/*
 * Where a world keeps what it has: a directory with an embedded database, or, when TEST_DATABASE_URL names a Postgres, a directory for
 * the keys and a database of its own on that server.
 */
const server = process.env['TEST_DATABASE_URL'];
/** Making an embedded database takes seconds: one is made per test file, and copied. */
let template: Promise<string> | null = null;

async function makeTemplate(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-template-'));
  const database = new Database(readConfig({ DATA_DIR: dir }));
  await database.open();
  await database.onApplicationShutdown();
  return dir;
}

afterAll(async () => {
  if (template) rmSync(await template, { recursive: true, force: true });
});

export async function freshDir(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-'));
  if (server === undefined) cpSync(await (template ??= makeTemplate()), dir, { recursive: true });
  else await administer(server, `create database "${basename(dir)}"`);
  chmodSync(dir, 0o700);
  return dir;
}

export async function discard(dir: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  if (server !== undefined) await administer(server, `drop database if exists "${basename(dir)}" with (force)`);
}

/** The environment in which a server finds this place. */
export function environmentOf(dir: string): Record<string, string> {
  if (server === undefined) return { DATA_DIR: dir };
  const url = new URL(server);
  url.pathname = `/${basename(dir)}`;
  return { DATA_DIR: dir, DATABASE_URL: url.href };
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
