import { Component, inject, input } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Mark } from '../ui/mark.ts';
import { Translate } from '../ui/language.ts';
import { ShareWaits } from '../ui/share-waits.ts';

/** The frame of everything before one is inside: whose house it is, a title, a form. */
@Component({
  selector: 'cv-door',
  imports: [Mark, ShareWaits, Translate],
  template: `
    <main>
      <div class="inner">
        <header>
          <cv-mark /> <span>{{ site()?.name ?? 'Conclave' }}</span>
        </header>
        <section class="card stack">
          <h1>{{ heading() }}</h1>
          <cv-share-waits />
          <ng-content />
        </section>
        <p class="soft small">
          {{ 'Messages are sealed in your browser and opened only by the members of a room. The server cannot read them.' | t }}
        </p>
      </div>
    </main>
  `,
  styles: `
    main {
      block-size: 100dvh;
      overflow-y: auto;
      display: grid;
      padding: max(1.25rem, env(safe-area-inset-top)) 1.25rem max(1.25rem, env(safe-area-inset-bottom));
    }
    .inner {
      inline-size: min(100%, 26rem);
      margin: auto;
      display: grid;
      gap: 1.25rem;
    }
    header {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      font-weight: 650;
      font-size: 1.0625rem;
    }
    .card {
      padding: 1.75rem;
      gap: 1.25rem;
    }
    @media (max-width: 30rem) {
      .card {
        padding: 1.25rem;
      }
    }
  `,
})
export class Door {
  readonly heading = input.required<string>();
  protected readonly site = toSignal(inject(CONCLAVE).site);
}
