import { Component, inject, input } from '@angular/core';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { follow } from '../../conclave.ts';
import { Toasts } from '../../ui/toasts.ts';
import { Translate } from '../../ui/language.ts';

const day = 86_400_000;

/** How long messages stay: vanishing by each message's own time (MSG5), and what the room keeps at most (ROOM10). */
@Component({
  selector: 'cv-stay-section',
  imports: [Translate],
  template: `
    <section class="card stack">
      <h2>{{ 'How long messages stay' | t }}</h2>
      <label class="field">
        <span class="name">{{ 'Messages vanish' | t }}</span>
        <select class="input" (change)="vanish($any($event.target).value)" data-testid="vanish-after">
          @for (each of vanishing; track each[0]) {
            <option [value]="each[0] ?? ''" [selected]="each[0] === view().settings.disappearAfterMs">{{ each[1] | t }}</option>
          }
        </select>
        <span class="hint">{{
          'For what is written from now on, on every member’s device. Whoever wants to keep words can still copy them.' | t
        }}</span>
      </label>
      <label class="field">
        <span class="name">{{ 'Keep at most' | t }}</span>
        <select class="input" (change)="keep($any($event.target).value)" data-testid="keep-days">
          @for (each of keeping; track each[0]) {
            <option [value]="each[0] ?? ''" [selected]="each[0] === view().settings.retentionDays">{{ each[1] | t }}</option>
          }
        </select>
        <span class="hint">{{ 'Older messages are deleted from every member’s device, and from the relay.' | t }}</span>
      </label>
      <label class="field">
        <span class="name">{{ 'Who comes later sees' | t }}</span>
        <select class="input" (change)="show($any($event.target).value)" data-testid="newcomers-days">
          @for (each of showing; track each[0]) {
            <option [value]="each[0] ?? ''" [selected]="each[0] === view().settings.newcomersDays">{{ each[1] | t }}</option>
          }
        </select>
        <span class="hint">{{
          'Only what is written while this is switched on: members’ devices hand it on, the server cannot. Everybody here is told of the change.'
            | t
        }}</span>
      </label>
    </section>
  `,
})
export class StaySection {
  readonly room = input.required<RoomHandle>();
  readonly #toasts = inject(Toasts);
  protected readonly view = follow(() => this.room().view);
  protected readonly vanishing: [number | null, string][] = [
    [null, 'Never'],
    [5 * 60_000, '5 minutes after they were written'],
    [3_600_000, '1 hour after'],
    [day, '1 day after'],
    [7 * day, '7 days after'],
    [30 * day, '30 days after'],
  ];
  protected readonly keeping: [number | null, string][] = [
    [null, 'Everything'],
    [7, '7 days'],
    [30, '30 days'],
    [90, '90 days'],
    [365, 'a year'],
  ];

  protected readonly showing: [number | null, string][] = [
    [null, 'nothing of before'],
    [7, 'the last 7 days'],
    [30, 'the last 30 days'],
    [366, 'the last year'],
  ];

  protected vanish(value: string): void {
    void this.#toasts.attempt(() => this.room().administration.change({ disappearAfterMs: value ? Number(value) : null }));
  }
  protected show(value: string): void {
    void this.#toasts.attempt(() => this.room().administration.change({ newcomersDays: value ? Number(value) : null }));
  }
  protected keep(value: string): void {
    void this.#toasts.attempt(() => this.room().administration.change({ retentionDays: value ? Number(value) : null }));
  }
}
