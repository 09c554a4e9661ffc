import { Directive, ElementRef, inject, output } from '@angular/core';

const farPx = 64;

/** A finger drawn sideways over it, in the direction of reading or against it. Up and down stay scrolling. */
@Directive({
  selector: '[cvSwipe]',
  host: {
    style: 'touch-action: pan-y',
    '(pointerdown)': 'begin($event)',
    '(pointermove)': 'moved($event)',
    '(pointerup)': 'end()',
    '(pointercancel)': 'cancel()',
  },
})
export class Swipe {
  /** In the direction in which one reads. */
  readonly swipeOn = output();
  readonly swipeBack = output();
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  #from: { x: number; y: number } | null = null;
  #by = 0;

  protected begin({ pointerType, clientX, clientY, isPrimary }: PointerEvent): void {
    if (pointerType === 'touch' && isPrimary) this.#from = { x: clientX, y: clientY };
  }
  protected moved({ clientX, clientY }: PointerEvent): void {
    if (!this.#from) return;
    const by = clientX - this.#from.x;
    if (Math.abs(clientY - this.#from.y) > Math.max(24, Math.abs(by))) return this.cancel();
    this.#by = by;
    // It follows the finger a little, so that one sees that something will happen.
    this.#element.style.translate = `${Math.max(-farPx, Math.min(farPx, by))}px`;
  }
  protected end(): void {
    const by = getComputedStyle(this.#element).direction === 'rtl' ? -this.#by : this.#by;
    if (this.#from && by >= farPx) this.swipeOn.emit();
    if (this.#from && by <= -farPx) this.swipeBack.emit();
    this.cancel();
  }
  protected cancel(): void {
    this.#from = null;
    this.#by = 0;
    this.#element.style.translate = '';
  }
}
