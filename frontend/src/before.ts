import { config } from 'zod/v4/core';
import { installTrustedTypes } from './trusted-types.ts';

/* Runs before everything else, as the polyfills of the build: both must be in force when the first other module is evaluated. */

installTrustedTypes();
// The page's CSP forbids eval; zod would probe for it when the first schema is made, and the browser would report a violation.
config({ jitless: true });
