import { Component, computed, input } from '@angular/core';
import { generate } from 'lean-qr';

/** A QR code as one SVG path, black on white in either theme: readers want it so. */
@Component({
  selector: 'cv-qr',
  template: `<svg [attr.viewBox]="box()" role="img" [attr.aria-label]="label()" shape-rendering="crispEdges">
    <path [attr.d]="path()" />
  </svg>`,
  styles: `
    :host {
      display: block;
      inline-size: 11rem;
      padding: 0.75rem;
      background: #fff;
      border-radius: 0.75rem;
      border: 1px solid var(--line);
    }
    svg {
      display: block;
      fill: #000;
    }
  `,
})
export class Qr {
  readonly text = input.required<string>();
  readonly label = input.required<string>();
  readonly #code = computed(() => generate(this.text()));
  protected readonly box = computed(() => `0 0 ${this.#code().size} ${this.#code().size}`);
  protected readonly path = computed(() => {
    const code = this.#code();
    let path = '';
    for (let y = 0; y < code.size; y++) for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x} ${y}h1v1h-1z`;
    return path;
  });
}
