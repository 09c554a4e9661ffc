import { config } from 'zod/v4/core';
import { installTrustedTypes } from './trusted-types.ts';

/* Runs before everything else, as the polyfills of the build: both must be in force when the first other module is evaluated. */

installTrustedTypes();
// The page's CSP forbids eval; zod would probe for it when the first schema is made, and the browser would report a violation.
config({ jitless: true });
// Not an error but the browser's word that a measurement is told in the next frame: a growing timeline causes it all the time.
window.addEventListener('error', (event) => {
  if (!event.message.startsWith('ResizeObserver loop')) return;
  event.stopImmediatePropagation();
  event.preventDefault();
});
