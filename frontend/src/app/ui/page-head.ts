import { Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from './icon.ts';
import { Translate } from './language.ts';

/** Title of a page beside the room list, with a way back on phones. */
@Component({
  selector: 'cv-page-head',
  imports: [RouterLink, Icon, Translate],
  template: `<a class="icon-button" routerLink="/" [attr.aria-label]="'Back to the rooms' | t"><cv-icon name="back" /></a>
    <h1>{{ heading() | t }}</h1>`,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      min-block-size: 2.75rem;
    }
    a {
      display: none;
      margin-inline-start: -0.75rem;
    }
    @media (max-width: 47.99rem) {
      a {
        display: inline-grid;
      }
    }
  `,
})
export class PageHead {
  readonly heading = input.required<string>();
}
