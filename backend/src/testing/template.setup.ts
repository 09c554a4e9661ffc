import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { createDatabase, dropDatabase, environmentOf } from './databases.ts';

/** Before all tests: making a database and its tables takes seconds, copying it does not. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-template-'));
  await createDatabase(dir);
  const database = new Database(readConfig(environmentOf(dir)));
  await database.open();
  await database.onApplicationShutdown();
  project.provide('template', dir);
  return async () => {
    rmSync(dir, { recursive: true, force: true });
    await dropDatabase(dir);
  };
}
