import { defineConfig } from '@playwright/test';
import stories from './playwright.config.ts';

/** `npm run screenshots`: the running product, as docs/images shows it. */
export default defineConfig(stories, { testDir: './tour', timeout: 180_000 });
