import { Component, input, output } from '@angular/core';
import { Icon } from './icon.ts';

/** A field that narrows the list below it while somebody types. */
@Component({
  selector: 'cv-search-field',
  imports: [Icon],
  template: `
    <span class="search">
      <cv-icon name="search" />
      <input
        #field
        class="input"
        type="search"
        dir="auto"
        [placeholder]="placeholder()"
        [attr.aria-label]="label()"
        (input)="typed.emit(field.value)"
      />
    </span>
  `,
  styles: `
    :host {
      display: block;
    }
  `,
})
export class SearchField {
  readonly label = input.required<string>();
  /** What of an entry is looked at. */
  readonly placeholder = input.required<string>();
  readonly typed = output<string>();
}
