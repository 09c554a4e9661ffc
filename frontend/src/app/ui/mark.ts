import { Component, inject } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';

/** The house's logo, or our mark: seats in a ring round a keyhole. */
@Component({
  selector: 'cv-mark',
  template: `@if (site()?.brand?.logo) {
      <img src="/api/site-logo" alt="" />
    } @else {
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <rect width="64" height="64" rx="15" />
        @for (seat of seats; track $index) {
          <circle [attr.cx]="seat.x" [attr.cy]="seat.y" r="5" />
        }
        <path d="M32 21.5a7 7 0 0 1 3.4 13.1l2.1 8.900h-11l2.1-8.900A7 7 0 0 1 32 21.5z" />
      </svg>
    }`,
  styles: `
    :host {
      display: block;
      inline-size: 2.25rem;
      aspect-ratio: 1;
    }
    svg,
    img {
      display: block;
      inline-size: 100%;
      max-block-size: 100%;
      object-fit: contain;
    }
    rect {
      fill: #0d5c4e;
    }
    circle {
      fill: #f6f4ef;
    }
    path {
      fill: #f2c879;
    }
  `,
})
export class Mark {
  protected readonly site = toSignal(inject(CONCLAVE).site);
  protected readonly seats = [-90, -30, 30, 90, 150, 210].map((angle) => {
    const turn = (angle * Math.PI) / 180;
    return { x: 32 + 20.5 * Math.cos(turn), y: 32 + 20.5 * Math.sin(turn) };
  });
}
