import { DestroyRef, Directive, inject, output } from '@angular/core';

const pressMs = 500;
/** A finger that moves this far scrolls. */
const slackPx = 10;

/** A finger that rests for half a second (ux.md). A mouse has other ways; the browser's own menu does not open over it. */
@Directive({
  selector: '[cvLongPress]',
  host: {
    '(pointerdown)': 'begin($event)',
    '(pointermove)': 'moved($event)',
    '(pointerup)': 'end()',
    '(pointercancel)': 'end()',
    '(contextmenu)': 'pressed && $event.preventDefault()',
    '(click)': 'swallow($event)',
  },
})
export class LongPress {
  readonly longPress = output();
  protected pressed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #at = { x: 0, y: 0 };

  constructor() {
    inject(DestroyRef).onDestroy(() => this.end());
  }

  protected begin({ pointerType, clientX, clientY, target }: PointerEvent): void {
    this.end();
    this.pressed = false;
    if (pointerType === 'mouse' || (target as Element).closest('input, textarea, video, audio')) return;
    this.#at = { x: clientX, y: clientY };
    this.#timer = setTimeout(() => {
      this.pressed = true;
      this.longPress.emit();
    }, pressMs);
  }
  protected moved({ clientX, clientY }: PointerEvent): void {
    if (Math.hypot(clientX - this.#at.x, clientY - this.#at.y) > slackPx) this.end();
  }
  protected end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
  /** Letting go after a press is no tap. */
  protected swallow(event: Event): void {
    if (!this.pressed) return;
    this.pressed = false;
    event.preventDefault();
    event.stopPropagation();
  }
}
