import { Component, computed, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Mark } from '../ui/mark.ts';
import { Toasts } from '../ui/toasts.ts';
import { Translate } from '../ui/language.ts';
import { ShareWaits } from '../ui/share-waits.ts';

/** What stands in the way before anybody can sign in, and what to do about it. */
@Component({
  selector: 'cv-obstacle',
  imports: [MatButton, Mark, ShareWaits, Translate],
  template: `
    <main>
      <section class="card stack" [attr.data-testid]="session().state === 'elsewhere' ? 'elsewhere' : null">
        <cv-mark />
        @switch (session().state) {
          @case ('elsewhere') {
            <h1>{{ 'Conclave is open in another tab' | t }}</h1>
            <p class="soft">
              {{
                'Only one tab at a time may hold your keys. Your messages and drafts are safe; the other tab steps back when you go on here.'
                  | t
              }}
            </p>
            <button matButton="filled" (click)="takeOver()" data-testid="take-over">{{ 'Use here' | t }}</button>
          }
          @case ('unsupported') {
            <h1>{{ 'This browser is too old' | t }}</h1>
            <p class="soft">{{ 'Conclave seals and opens every message inside the browser. This one lacks:' | t }}</p>
            <ul>
              @for (thing of missing(); track thing) {
                <li>{{ thing }}</li>
              }
            </ul>
            <p class="soft">
              {{
                'Update it, or open this address in a current Firefox, Chrome, Edge or Safari. A private window can be the reason, too.' | t
              }}
            </p>
          }
          @case ('unreachable') {
            <h1>{{ 'The server cannot be reached' | t }}</h1>
            <p class="soft">
              {{
                'This browser has not been here before, so there is nothing to show offline. Check the connection; Conclave goes on trying.'
                  | t
              }}
            </p>
            <button matButton="filled" (click)="retry()">{{ 'Try now' | t }}</button>
          }
        }
        <cv-share-waits />
      </section>
    </main>
  `,
  styles: `
    main {
      block-size: 100dvh;
      overflow-y: auto;
      display: grid;
      place-items: center;
      padding: 1.25rem;
    }
    section {
      max-inline-size: 27rem;
      padding: 2rem;
      justify-items: start;
      gap: 1.125rem;
    }
    ul {
      padding-inline-start: 1.25rem;
    }
  `,
})
export class Obstacle {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly session = toSignal(this.#client.session);
  protected readonly missing = computed(() => {
    const session = this.session();
    return session.state === 'unsupported' ? session.missing : [];
  });

  protected takeOver(): void {
    void this.#toasts.attempt(() => this.#client.takeOver());
  }
  protected retry(): void {
    this.#client.reconnect();
  }
}
