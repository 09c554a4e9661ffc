import { Component, computed, effect, inject, input, signal } from '@angular/core';
import type { Standing } from '../../../../libs/client/src/index.ts';
import type { ChosenStatus } from '../../../../libs/protocol/src/status.ts';
import { CONCLAVE } from '../conclave.ts';
import { StatusMark } from './status-mark.ts';

const HUES = [168, 205, 262, 318, 18, 42, 92, 232];

/** Picture, or initial and colour, of somebody; always the same for the same id. Decoration: the name stands beside it. */
@Component({
  selector: 'cv-avatar',
  template: `@if (picture(); as url) {
      <img [src]="url" alt="" />
    } @else {
      {{ initial() }}
    }
    @if (status(); as status) {
      <cv-status [status]="status" />
    }`,
  imports: [StatusMark],
  host: { 'aria-hidden': 'true', '[style.--hue]': 'hue()', '[class.square]': 'square()' },
  styles: `
    :host {
      display: inline-grid;
      place-items: center;
      flex: none;
      inline-size: var(--avatar-size, 2.25rem);
      block-size: var(--avatar-size, 2.25rem);
      position: relative;
      border-radius: 50%;
      background: light-dark(oklch(0.9 0.055 var(--hue)), oklch(0.36 0.06 var(--hue)));
      color: light-dark(oklch(0.36 0.09 var(--hue)), oklch(0.92 0.05 var(--hue)));
      font-weight: 650;
      font-size: calc(var(--avatar-size, 2.25rem) * 0.42);
      line-height: 1;
      user-select: none;
    }
    cv-status {
      position: absolute;
      inset-block-end: -0.125rem;
      inset-inline-end: -0.125rem;
      padding: 1px;
      inline-size: 0.875rem;
      block-size: 0.875rem;
      border-radius: 50%;
      background: var(--surface);
    }
    :host(.square) {
      border-radius: 28%;
    }
    img {
      inline-size: 100%;
      block-size: 100%;
      object-fit: cover;
      border-radius: inherit;
    }
  `,
})
export class Avatar {
  readonly id = input.required<string>();
  readonly name = input.required<string>();
  readonly square = input(false);
  /** A mark at the corner; its words must stand beside the avatar. */
  readonly status = input<Standing['status'] | ChosenStatus | null>(null);
  /** Names the picture (Person.avatar). */
  readonly image = input<string | null>(null);
  protected readonly picture = signal<string | null>(null);
  protected readonly initial = computed(() => [...this.name().trim()][0]?.toLocaleUpperCase() ?? '·');
  protected readonly hue = computed(() => {
    let sum = 0;
    for (const letter of this.id()) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
    return HUES[sum % HUES.length];
  });

  constructor() {
    const client = inject(CONCLAVE);
    effect((onCleanup) => {
      const image = this.image();
      this.picture.set(null);
      if (!image) return;
      let url: string | null = null;
      let gone = false;
      onCleanup(() => {
        gone = true;
        if (url) URL.revokeObjectURL(url);
      });
      // Without the server there is the initial: a picture is not worth an error.
      client.account.avatar(image).then(
        (blob) => {
          if (!gone) this.picture.set((url = URL.createObjectURL(blob)));
        },
        () => undefined,
      );
    });
  }
}
