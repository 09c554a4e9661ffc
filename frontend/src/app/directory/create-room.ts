import { Component, inject, signal } from '@angular/core';
import { form, FormField, FormRoot, required, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { MatDialogActions, MatDialogClose, MatDialogContent, MatDialogRef, MatDialogTitle } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { RoomName, RoomTopic } from '../../../../libs/protocol/src/text.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { FieldErrors } from '../ui/field-errors.ts';

@Component({
  selector: 'cv-create-room',
  imports: [FormField, FormRoot, FieldErrors, MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose],
  template: `
    <form [formRoot]="fields" data-testid="create-room-form">
      <h2 mat-dialog-title>New room</h2>
      <mat-dialog-content class="stack">
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <label class="field">
          <span class="name">Name</span>
          <input class="input" [formField]="fields.name" dir="auto" autocomplete="off" data-testid="room-name" />
          <cv-field-errors [field]="fields.name" />
        </label>
        <label class="field">
          <span class="name">Topic <span class="soft">(if you like)</span></span>
          <input class="input" [formField]="fields.topic" dir="auto" autocomplete="off" data-testid="room-topic" />
          <cv-field-errors [field]="fields.topic" />
        </label>
        <p class="hint">
          Everybody with an account here sees the room in the list and can join. What is written in it only its members can read.
        </p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close>Cancel</button>
        <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="submit">
          {{ fields().submitting() ? 'Making the room…' : 'Create room' }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
})
export class CreateRoom {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #dialog = inject(MatDialogRef<CreateRoom>);
  protected readonly problem = signal<string | null>(null);
  protected readonly fields = form(
    signal({ name: '', topic: '' }),
    (path) => {
      required(path.name, { message: 'Give the room a name.' });
      validateStandardSchema(path.name, RoomName);
      validateStandardSchema(path.topic, RoomTopic);
    },
    { submission: { action: () => this.#create() } },
  );

  async #create(): Promise<undefined> {
    this.problem.set(null);
    try {
      const id = await this.#client.createRoom(this.fields().value());
      this.#dialog.close();
      await this.#router.navigate(['/rooms', id]);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
