import { defineConfig } from '@playwright/test';
import { needChromium } from '../tools/chromium.ts';

/** Browser stories: a real server on the embedded database, real Chromium, real WebRTC over loopback. */
export default defineConfig({
  testDir: './stories',
  outputDir: '../test-results',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1, // two cores: a server and three browsers fill them
  forbidOnly: true,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: {
      executablePath: needChromium(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Chromium hides host candidates behind mDNS names and gathers none on loopback; here there is nothing else.
        '--allow-loopback-in-peer-connection',
        '--disable-features=WebRtcHideLocalIpsWithMdns',
      ],
    },
    trace: 'off',
    actionTimeout: 20_000,
  },
});
