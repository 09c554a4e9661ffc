import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The tests of e2e/core, each of their servers on a real Postgres. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['e2e/core/**/*.test.ts'],
    setupFiles: [join(import.meta.dirname, 'own-database.ts')],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
  },
});
