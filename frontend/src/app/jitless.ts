import { config } from 'zod/v4/core';

// As in before.ts: no probing for eval. Imported first, so that it is evaluated before any schema is made.
config({ jitless: true });
