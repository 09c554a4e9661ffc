import { Component, computed, input } from '@angular/core';

const HUES = [168, 205, 262, 318, 18, 42, 92, 232];

/** Initial and colour of somebody, always the same for the same id. Decoration: the name stands beside it. */
@Component({
  selector: 'cv-avatar',
  template: '{{ initial() }}',
  host: { 'aria-hidden': 'true', '[style.--hue]': 'hue()', '[class.square]': 'square()' },
  styles: `
    :host {
      display: inline-grid;
      place-items: center;
      flex: none;
      inline-size: var(--avatar-size, 2.25rem);
      block-size: var(--avatar-size, 2.25rem);
      border-radius: 50%;
      background: light-dark(oklch(0.9 0.055 var(--hue)), oklch(0.36 0.06 var(--hue)));
      color: light-dark(oklch(0.36 0.09 var(--hue)), oklch(0.92 0.05 var(--hue)));
      font-weight: 650;
      font-size: calc(var(--avatar-size, 2.25rem) * 0.42);
      line-height: 1;
      user-select: none;
    }
    :host(.square) {
      border-radius: 28%;
    }
  `,
})
export class Avatar {
  readonly id = input.required<string>();
  readonly name = input.required<string>();
  readonly square = input(false);
  protected readonly initial = computed(() => [...this.name().trim()][0]?.toLocaleUpperCase() ?? '·');
  protected readonly hue = computed(() => {
    let sum = 0;
    for (const letter of this.id()) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
    return HUES[sum % HUES.length];
  });
}
