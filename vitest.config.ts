import { defineConfig } from 'vitest/config';

/** Unit, contract and database tests of the libraries and the backend; the frontend's run through `ng test`, stories through Playwright. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'libs', include: ['libs/*/src/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'backend', include: ['backend/src/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 } },
      { test: { name: 'tools', include: ['tools/**/*.test.ts'] } },
    ],
  },
});
