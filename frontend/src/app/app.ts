import { Component, effect, inject, untracked } from '@angular/core';
import { Router, RouterOutlet } from '@angular/router';
import { CONCLAVE, toSignal } from './conclave.ts';
import { IdleStatus } from './shell/idle-status.ts';
import { Installation } from './shell/installation.ts';
import { Toasts } from './ui/toasts.ts';
import { Theme } from './ui/theme.ts';

@Component({ selector: 'cv-root', imports: [RouterOutlet], template: '<router-outlet />' })
export class App {
  constructor() {
    const client = inject(CONCLAVE);
    const router = inject(Router);
    const toasts = inject(Toasts);
    inject(Theme);
    inject(IdleStatus).watch(); // in every tab: one of them tells the server
    inject(Installation); // the browser asks once, early
    const session = toSignal(client.session);
    const trouble = toSignal(client.trouble);
    let shown = session().state;
    effect(() => {
      const { state } = session();
      if (state === shown) return;
      shown = state;
      // The address stays: whoever signs in goes on to where the link pointed. A secret in the fragment has done its work.
      untracked(
        () =>
          void router.navigateByUrl(location.pathname + location.search + (state === 'ready' ? '' : location.hash), { replaceUrl: true }),
      );
    });
    effect(() => {
      const error = trouble();
      if (error) untracked(() => void toasts.error(error));
    });
  }
}
