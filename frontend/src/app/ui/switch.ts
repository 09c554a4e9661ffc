import { Component, input, output } from '@angular/core';

/** A labelled switch: the whole line can be pressed. */
@Component({
  selector: 'cv-switch',
  template: `
    <button type="button" role="switch" [attr.aria-checked]="on()" [disabled]="busy()" (click)="changed.emit(!on())">
      <bdi>{{ label() }}</bdi>
      <span class="track" aria-hidden="true"><span class="knob"></span></span>
    </button>
  `,
  styles: `
    button {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 1rem;
      inline-size: 100%;
      min-block-size: 2.75rem;
      padding: 0.25rem 0;
      border: 0;
      background: none;
      text-align: start;
      font-weight: 600;
      cursor: pointer;
    }
    button:disabled {
      cursor: default;
      color: var(--ink-soft);
    }
    .track {
      flex: none;
      inline-size: 2.75rem;
      block-size: 1.5rem;
      padding: 0.1875rem;
      border: 2px solid var(--ink-soft);
      border-radius: 1rem;
      transition: background 0.15s;
    }
    .knob {
      display: block;
      inline-size: 0.875rem;
      block-size: 0.875rem;
      border-radius: 50%;
      background: var(--ink-soft);
      transition: transform 0.15s;
    }
    [aria-checked='true'] .track {
      border-color: var(--brand);
      background: var(--brand);
    }
    [aria-checked='true'] .knob {
      background: var(--on-brand);
      transform: translateX(1.25rem);
    }
    :dir(rtl) [aria-checked='true'] .knob {
      transform: translateX(-1.25rem);
    }
    button:disabled .track {
      opacity: 0.6;
    }
  `,
})
export class Switch {
  readonly label = input.required<string>();
  readonly on = input.required<boolean>();
  readonly busy = input(false);
  readonly changed = output<boolean>();
}
