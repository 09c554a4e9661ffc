import { defineConfig } from '@playwright/test';
import { needChromium } from '../tools/chromium.ts';
import { retries } from '../tools/second-try.ts';
import { browserArguments } from './browser-arguments.ts';

/** Browser stories: a real server on the embedded database, real Chromium, real WebRTC over loopback. */
export default defineConfig({
  testDir: './stories',
  outputDir: '../test-results',
  timeout: 240_000,
  expect: { timeout: 30_000 },
  workers: 1, // two cores: a server and three browsers fill them
  forbidOnly: true,
  retries,
  reporter: [['list'], ['./second-tries.ts']],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: {
      executablePath: needChromium(),
      args: [
        ...browserArguments,
        // Chromium gathers no candidates on loopback; here there is nothing else.
        '--allow-loopback-in-peer-connection',
      ],
    },
    trace: 'off',
    actionTimeout: 20_000,
  },
});
