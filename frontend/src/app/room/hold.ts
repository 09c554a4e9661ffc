import { Directive, ElementRef, inject, output, signal } from '@angular/core';

const ringFromMs = 1_000;
const heldMs = 5_000;
/** A finger that moves this far scrolls. */
const slackPx = 10;

/** Holding an empty part for five seconds: a ring fills from the first second on, letting go or moving calls it off (ux.md). */
@Directive({
  selector: '[cvHold]',
  host: {
    '[class.holding]': 'holding()',
    '(pointerdown)': 'begin($event)',
    '(pointermove)': 'moved($event)',
    '(pointerup)': 'end()',
    '(pointercancel)': 'end()',
    '(pointerleave)': 'end()',
  },
})
export class Hold {
  readonly cvHold = output();
  readonly holding = signal(false);
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #at = { x: 0, y: 0 };

  protected begin(event: PointerEvent): void {
    this.end();
    if (event.button !== 0 || (event.target as Element).closest('article, a, button, p, textarea, input, [role=dialog]')) return;
    this.#at = { x: event.clientX, y: event.clientY };
    const box = this.#element.getBoundingClientRect();
    this.#element.style.setProperty('--hold-x', `${event.clientX - box.left}px`);
    this.#element.style.setProperty('--hold-y', `${event.clientY - box.top}px`);
    this.#timers = [
      setTimeout(() => this.holding.set(true), ringFromMs),
      setTimeout(() => {
        this.end();
        this.cvHold.emit();
      }, heldMs),
    ];
  }

  protected moved({ clientX, clientY }: PointerEvent): void {
    if (Math.hypot(clientX - this.#at.x, clientY - this.#at.y) > slackPx) this.end();
  }

  protected end(): void {
    this.#timers.splice(0).forEach((timer) => clearTimeout(timer));
    this.holding.set(false);
  }
}
