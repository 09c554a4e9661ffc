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
import { Arrival } from './arrival.ts';
import { routes } from './app.routes.ts';
import { CONCLAVE } from './conclave.ts';
import { Errors } from './errors.ts';
import { RoomTitle } from './shell/title.ts';
import { BrandColor } from './ui/brand.ts';
import { Language, provideLanguages } from './ui/language.ts';

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
    ...provideLanguages(),
    provideAppInitializer(() => void inject(Language)),
    provideAppInitializer(() => void inject(BrandColor)),
    // Before the router moves: it would drop what stands behind the `#`.
    provideAppInitializer(() => void inject(Arrival)),
    // Not awaited: the first screen is `starting`, and a slow server must not keep the page blank.
    provideAppInitializer(() => void inject(CONCLAVE).start()),
    provideServiceWorker('sw.js', { enabled: !isDevMode(), registrationStrategy: 'registerWhenStable:10000' }),
  ],
};
