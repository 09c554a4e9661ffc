import { Component, computed, inject, signal } from '@angular/core';
import { form, FormField, FormRoot, required, validate, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { MatDialogActions, MatDialogClose, MatDialogContent, MatDialogRef, MatDialogTitle } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { graphemes, RoomName, RoomTopic } from '../../../../libs/protocol/src/text.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { Icon } from '../ui/icon.ts';
import { roomKinds } from '../ui/room-kinds.ts';
import { t, Translate } from '../ui/language.ts';

type Kind = 'open' | 'password' | 'hidden';

@Component({
  selector: 'cv-create-room',
  imports: [
    FormField,
    FormRoot,
    FieldErrors,
    Icon,
    MatButton,
    MatDialogTitle,
    MatDialogContent,
    MatDialogActions,
    MatDialogClose,
    Translate,
  ],
  template: `
    <form [formRoot]="fields" data-testid="create-room-form">
      <h2 mat-dialog-title>{{ 'New room' | t }}</h2>
      <mat-dialog-content class="stack">
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <fieldset>
          <legend class="visually-hidden">{{ 'Who may come in' | t }}</legend>
          @for (each of kinds; track each) {
            <label class="kind">
              <input
                type="radio"
                name="kind"
                [value]="each"
                [checked]="kind() === each"
                (change)="kind.set(each)"
                [attr.data-testid]="'kind-' + each"
              />
              <cv-icon [name]="words[each].icon" />
              <span
                ><strong>{{ words[each].name | t }}</strong
                ><span class="soft small">{{ words[each].about | t }}</span></span
              >
            </label>
          }
        </fieldset>
        <label class="field">
          <span class="name">{{ 'Name' | t }}</span>
          <input class="input" [formField]="fields.name" dir="auto" autocomplete="off" data-testid="room-name" />
          <cv-field-errors [field]="fields.name" />
        </label>
        <label class="field">
          <span class="name"
            >{{ 'Topic' | t }} <span class="soft">{{ '(if you like)' | t }}</span></span
          >
          <input class="input" [formField]="fields.topic" dir="auto" autocomplete="off" data-testid="room-topic" />
          <cv-field-errors [field]="fields.topic" />
        </label>
        @if (kind() === 'password') {
          <label class="field">
            <span class="name">{{ 'Password of the room' | t }}</span>
            <input
              class="input"
              type="text"
              [formField]="fields.password"
              autocomplete="off"
              spellcheck="false"
              data-testid="room-password"
            />
            <cv-field-errors [field]="fields.password" />
          </label>
          <p class="hint">
            {{
              '6 to 60 characters. It is mixed into the room’s keys: the server lets nobody read who does not know it. Tell it to the others yourself.'
                | t
            }}
          </p>
        }
        <p class="hint">{{ consequence() | t }} {{ 'The kind of a room stays as it is.' | t }}</p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close>{{ 'Cancel' | t }}</button>
        <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="submit">
          {{ (fields().submitting() ? 'Making the room…' : 'Create room') | t }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    fieldset {
      display: grid;
      gap: 0.25rem;
      margin: 0;
      padding: 0;
      border: 0;
    }
    .kind {
      display: flex;
      gap: 0.75rem;
      align-items: center;
      padding: 0.5rem 0.75rem;
      border: 1px solid var(--line);
      border-radius: 0.75rem;
      cursor: pointer;
    }
    .kind:has(:checked) {
      border-color: var(--brand);
      background: var(--brand-soft);
      color: var(--on-brand-soft);
    }
    .kind:has(:checked) .soft {
      color: inherit;
    }
    .kind > span {
      display: grid;
      line-height: 1.35;
    }
  `,
})
export class CreateRoom {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #dialog = inject(MatDialogRef<CreateRoom>);
  protected readonly kinds: Kind[] = ['open', 'password', 'hidden'];
  protected readonly words = roomKinds;
  protected readonly kind = signal<Kind>('open');
  protected readonly consequence = computed(() => roomKinds[this.kind()].consequence);
  protected readonly problem = signal<string | null>(null);
  protected readonly fields = form(
    signal({ name: '', topic: '', password: '' }),
    (path) => {
      required(path.name, { message: t('Give the room a name.') });
      validateStandardSchema(path.name, RoomName);
      validateStandardSchema(path.topic, RoomTopic);
      validate(path.password, ({ value }) => {
        const length = graphemes(value());
        return this.kind() === 'password' && (length < 6 || length > 60)
          ? { kind: 'length', message: t('Take 6 to 60 characters.') }
          : undefined;
      });
    },
    { submission: { action: () => this.#create() } },
  );

  async #create(): Promise<undefined> {
    this.problem.set(null);
    const { password, ...request } = this.fields().value();
    const kind = this.kind();
    try {
      const id = await this.#client.createRoom({ ...request, kind, ...(kind === 'password' ? { password } : {}) });
      this.#dialog.close();
      await this.#router.navigate(['/rooms', id]);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
