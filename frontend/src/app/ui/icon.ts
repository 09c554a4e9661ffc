import { Component, computed, input } from '@angular/core';
import { icons, type IconName } from './icons.ts';

/** One of our own icons, in the colour of the text around it. Silent for screen readers: the words stand beside it. */
@Component({
  selector: 'cv-icon',
  template: `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    @for (path of paths(); track $index) {
      <path [attr.d]="path" />
    }
  </svg>`,
  styles: `
    :host {
      display: inline-flex;
      inline-size: 1.25em;
      block-size: 1.25em;
      flex: none;
    }
    svg {
      inline-size: 100%;
      block-size: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.8;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly paths = computed(() => icons[this.name()]);
}
