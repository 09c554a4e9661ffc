import { Component, computed, inject, model } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Translate } from '../ui/language.ts';
import { named } from '../ui/named.ts';

/** All of one's rooms, or one of them. */
@Component({
  selector: 'cv-rooms-choice',
  imports: [Translate],
  template: `
    <label class="field">
      <span class="name">{{ 'Which rooms' | t }}</span>
      <select #choice class="input" (change)="room.set(choice.value || null)" data-testid="export-room">
        <option value="">{{ 'All of my rooms' | t }}</option>
        @for (line of rooms(); track line.id) {
          <option [value]="line.id" [selected]="line.id === room()">{{ line.name }}</option>
        }
      </select>
    </label>
  `,
})
export class RoomsChoice {
  readonly room = model<string | null>(null);
  readonly #lines = toSignal(inject(CONCLAVE).rooms);
  protected readonly rooms = computed(() => named(this.#lines()));
}
