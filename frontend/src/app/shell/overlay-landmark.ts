import { OverlayContainer } from '@angular/cdk/overlay';
import { effect, inject, Injectable } from '@angular/core';
import { t } from '../ui/language.ts';

/** Menus and sheets open beside the page's landmarks, at its very end: theirs is one, too, so that whoever goes from one to the next finds them. */
@Injectable({ providedIn: 'root' })
export class OverlayLandmark {
  readonly #place = inject(OverlayContainer).getContainerElement();

  constructor() {
    this.#place.setAttribute('role', 'region');
    effect(() => this.#place.setAttribute('aria-label', t('What is open over the page')));
  }
}
