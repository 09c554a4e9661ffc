import { Component, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Translate } from '../ui/language.ts';
import type { Paged } from './paged.ts';

/** What stands below a paged list: a skeleton until the first answer, then the way to the next page while there is one. */
@Component({
  selector: 'cv-next-page',
  imports: [MatButton, Translate],
  template: `
    @if (!paged().items()) {
      <span class="skeleton"></span>
    } @else if (paged().more()) {
      <p>
        <button matButton="outlined" [disabled]="paged().busy()" (click)="paged().next()">{{ 'More' | t }}</button>
      </p>
    }
  `,
  styles: `
    .skeleton {
      block-size: 3.5rem;
    }
  `,
})
export class NextPage {
  readonly paged = input.required<Paged<unknown>>();
}
