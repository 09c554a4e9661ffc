import {
  ErrorHandler,
  inject,
  isDevMode,
  provideAppInitializer,
  provideBrowserGlobalErrorListeners,
  type ApplicationConfig,
} from '@angular/core';
import { provideRouter, TitleStrategy, withComponentInputBinding, withInMemoryScrolling, withRouterConfig } from '@angular/router';
import { provideServiceWorker } from '@angular/service-worker';
import { routes } from './app.routes.ts';
import { CONCLAVE } from './conclave.ts';
import { Errors } from './errors.ts';
import { RoomTitle } from './shell/title.ts';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    { provide: ErrorHandler, useClass: Errors },
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling(),
      withRouterConfig({ onSameUrlNavigation: 'reload', paramsInheritanceStrategy: 'always' }),
    ),
    { provide: TitleStrategy, useExisting: RoomTitle },
    // Not awaited: the first screen is `starting`, and a slow server must not keep the page blank.
    provideAppInitializer(() => void inject(CONCLAVE).start()),
    provideServiceWorker('ngsw-worker.js', { enabled: !isDevMode(), registrationStrategy: 'registerWhenStable:10000' }),
  ],
};
