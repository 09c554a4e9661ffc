import { Overlay, type OverlayConfig } from '@angular/cdk/overlay';
import { ComponentPortal, type ComponentType } from '@angular/cdk/portal';
import { inject, Injectable, InjectionToken, Injector } from '@angular/core';

/** What a popped-up component answers with. */
export const ANSWER = new InjectionToken<(answer: unknown) => void>('answers and closes');
/** What it was given. */
export const ABOUT = new InjectionToken<unknown>('what it is about');

/** Small things that open beside an element, or from the lower edge as a sheet, and answer with one value. */
@Injectable({ providedIn: 'root' })
export class PopUps {
  readonly #overlay = inject(Overlay);
  readonly #injector = inject(Injector);

  /** `beside` null: a sheet. Null when it was closed without an answer. */
  ask<T>(component: ComponentType<unknown>, beside: Element | null, about?: unknown): Promise<T | null> {
    const before = document.activeElement as HTMLElement | null;
    const overlay = this.#overlay.create(beside ? this.#beside(beside) : this.#sheet());
    return new Promise((resolve) => {
      const answer = (value: unknown) => {
        overlay.dispose();
        before?.focus({ preventScroll: true });
        resolve(value as T | null);
      };
      overlay.backdropClick().subscribe(() => answer(null));
      overlay.keydownEvents().subscribe(({ key }) => key === 'Escape' && answer(null));
      const providers = [
        { provide: ANSWER, useValue: answer },
        { provide: ABOUT, useValue: about },
      ];
      overlay.attach(new ComponentPortal(component, null, Injector.create({ parent: this.#injector, providers })));
    });
  }

  #beside(element: Element): OverlayConfig {
    const positionStrategy = this.#overlay
      .position()
      .flexibleConnectedTo(element)
      .withPositions([
        { originX: 'end', originY: 'top', overlayX: 'end', overlayY: 'bottom' },
        { originX: 'end', originY: 'bottom', overlayX: 'end', overlayY: 'top' },
        { originX: 'start', originY: 'bottom', overlayX: 'start', overlayY: 'top' },
      ])
      .withPush(true)
      .withViewportMargin(8);
    return {
      positionStrategy,
      hasBackdrop: true,
      backdropClass: 'cdk-overlay-transparent-backdrop',
      scrollStrategy: this.#overlay.scrollStrategies.block(),
    };
  }

  #sheet(): OverlayConfig {
    return {
      positionStrategy: this.#overlay.position().global().bottom('0').centerHorizontally(),
      width: '100%',
      hasBackdrop: true,
      panelClass: 'sheet',
      scrollStrategy: this.#overlay.scrollStrategies.block(),
    };
  }
}
