import { Component, signal } from '@angular/core';
import { lookAtShelf } from '../shelf.ts';
import { Icon } from './icon.ts';
import { Translate } from './language.ts';

/** At a door: what another app shared is not lost, and comes up as soon as one is in. */
@Component({
  selector: 'cv-share-waits',
  imports: [Icon, Translate],
  template: `
    @if (waits()) {
      <p class="small" role="status" data-testid="share-waits">
        <cv-icon name="share" /> {{ 'What you shared waits on this device until you are in, for a day at most.' | t }}
      </p>
    }
  `,
  styles: `
    :host:not(:has(p)) {
      display: none;
    }
    p {
      display: flex;
      align-items: center;
      gap: 0.625rem;
      padding: 0.625rem 0.875rem;
      border-radius: 0.625rem;
      background: var(--brand-soft);
      color: var(--on-brand-soft);
    }
  `,
})
export class ShareWaits {
  protected readonly waits = signal(false);

  constructor() {
    lookAtShelf().then(
      ({ waiting }) => this.waits.set(waiting.length > 0),
      () => undefined, // where the browser keeps nothing, nothing waits
    );
  }
}
