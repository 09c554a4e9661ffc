import { Component, computed, input } from '@angular/core';
import type { FieldTree } from '@angular/forms/signals';
import { Translate } from './language.ts';

/** What is wrong with a field, once somebody has been in it. */
@Component({
  selector: 'cv-field-errors',
  imports: [Translate],
  template: `@if (message(); as text) {
    <span class="error" role="alert">{{ text | t }}</span>
  }`,
})
export class FieldErrors {
  readonly field = input.required<FieldTree<string>>();
  protected readonly message = computed(() => {
    const state = this.field()();
    return state.touched() ? sentence(state.errors()[0]?.message) : null;
  });
}

/** The protocol's messages are phrases: "a username has 3 to 20 …". */
function sentence(text: string | undefined): string | null {
  if (!text) return null;
  const capital = text[0]!.toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
