import { bootstrapApplication } from '@angular/platform-browser';
import * as z from 'zod';
import { App } from './app/app.ts';
import { appConfig } from './app/app.config.ts';
import { installTrustedTypes } from './trusted-types.ts';

installTrustedTypes();
// The page's CSP forbids eval: without this zod probes for it and the browser reports a violation.
z.config({ jitless: true });

await bootstrapApplication(App, appConfig);
