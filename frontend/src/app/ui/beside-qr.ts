import { Component, input } from '@angular/core';
import { Qr } from './qr.ts';

/** A QR code for another device, and beside it what it is for and the same as text; on a phone below it. */
@Component({
  selector: 'cv-beside-qr',
  imports: [Qr],
  template: `
    <cv-qr [text]="text()" [label]="label()" />
    <div class="stack"><ng-content /></div>
  `,
  styles: `
    :host {
      display: flex;
      gap: 1.5rem;
      align-items: flex-start;
    }
    .stack {
      flex: 1;
      min-inline-size: 0;
    }
    cv-qr {
      flex: none;
      inline-size: var(--qr-size, 11rem);
    }
    @media (max-width: 40rem) {
      :host {
        flex-direction: column;
        align-items: stretch;
      }
      cv-qr {
        align-self: center;
        inline-size: min(var(--qr-size, 11rem), 100%);
      }
    }
  `,
})
export class BesideQr {
  readonly text = input.required<string>();
  /** What the code is, for who cannot see it. */
  readonly label = input.required<string>();
}
