import { chmodSync, constants, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase, dropDatabase } from './databases.ts';

/*
 * Where a world keeps what it has: a directory with an embedded database, or, when TEST_DATABASE_URL names a Postgres, a directory for
 * the keys and a database of its own on that server.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** A directory with an embedded database, or named as a database on the server that tests run on: with tables, and nothing in them. */
    template: string;
  }
}

/** A house in which nobody has been yet: a copy of the one that was made before all tests. */
export async function freshDir(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-'));
  cpSync(inject('template'), dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await createDatabase(dir, inject('template'));
  chmodSync(dir, 0o700);
  return dir;
}

export async function discard(dir: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  await dropDatabase(dir);
}
