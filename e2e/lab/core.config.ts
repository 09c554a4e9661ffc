import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { retries, SecondTries } from '../../tools/second-try.ts';

/** The tests of e2e/core, each of their servers on a real Postgres. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    retry: retries,
    reporters: ['default', new SecondTries()],
    include: ['e2e/core/**/*.test.ts'],
    setupFiles: [join(import.meta.dirname, 'own-database.ts')],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
  },
});
