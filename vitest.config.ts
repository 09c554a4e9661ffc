import { defineConfig } from 'vitest/config';
import { retries, SecondTries } from './tools/second-try.ts';

/** Unit, contract and database tests of the libraries and the backend; the frontend's run through `ng test`, stories through Playwright. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', new SecondTries()],
    projects: [
      { test: { name: 'libs', retry: retries, include: ['libs/*/src/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'backend',
          retry: retries,
          include: ['backend/src/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          isolate: false, // a world is a server of its own, and loading Nest and Postgres anew for each file takes longer than most of them
          globalSetup: 'backend/src/testing/template.setup.ts',
        },
      },
      // The client core against the built server: needs `npm run build:backend`.
      {
        test: {
          name: 'core',
          retry: retries,
          include: ['e2e/core/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'tools', include: ['tools/**/*.test.ts'] } },
    ],
  },
});
