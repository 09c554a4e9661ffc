import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Run by `npm run test:lab`: real servers of other people beside ours, on loopback. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    globalSetup: join(import.meta.dirname, '../../backend/src/testing/template.setup.ts'),
    fileParallelism: false,
    passWithNoTests: false,
  },
});
