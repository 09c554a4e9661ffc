import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { retries, SecondTries } from '../../tools/second-try.ts';

/** Run by `npm run test:lab`: real servers of other people beside ours, on loopback. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    retry: retries,
    reporters: ['default', new SecondTries()],
    include: ['**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    globalSetup: join(import.meta.dirname, '../../backend/src/testing/template.setup.ts'),
    fileParallelism: false,
    passWithNoTests: false,
  },
});
