import { Component, computed, input } from '@angular/core';
import type { Standing } from '../../../../libs/client/src/index.ts';
import type { ChosenStatus } from '../../../../libs/protocol/src/status.ts';

/** Each has a shape of its own, 12 × 12; what is cut out of it shows the ground behind. */
const shapes: { [S in Standing['status'] | ChosenStatus]: string } = {
  online: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z',
  away: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM5.3 3v3.5l2.4 1.6.8-1.200-1.800-1.200V3z',
  busy: 'M1.500 1.500h9v9h-9z',
  dnd: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM3 5.200v1.600h6V5.200z',
  invisible: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM6 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  offline: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM6 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
};

/** Whether somebody is there, by shape and colour. Silent for screen readers: the words stand beside it. */
@Component({
  selector: 'cv-status',
  template: `<svg viewBox="0 0 12 12" aria-hidden="true" focusable="false"><path fill-rule="evenodd" [attr.d]="shape()" /></svg>`,
  host: { '[class]': 'status()', 'aria-hidden': 'true' },
  styles: `
    :host {
      display: inline-flex;
      inline-size: 0.75rem;
      block-size: 0.75rem;
      flex: none;
      color: var(--ink-soft);
    }
    svg {
      inline-size: 100%;
      block-size: 100%;
      fill: currentColor;
    }
    :host(.online) {
      color: light-dark(#1b7f3b, #5fd283);
    }
    :host(.away) {
      color: light-dark(#8a6100, #e8b94a);
    }
    :host(.busy),
    :host(.dnd) {
      color: light-dark(#b3261e, #f2867d);
    }
  `,
})
export class StatusMark {
  readonly status = input.required<Standing['status'] | ChosenStatus>();
  protected readonly shape = computed(() => shapes[this.status()]);
}
