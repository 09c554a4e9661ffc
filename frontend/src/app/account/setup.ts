import { Component, inject, signal } from '@angular/core';
import { applyEach, form, FormField, FormRoot, validateStandardSchema } from '@angular/forms/signals';
import { Router } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { RoomName } from '../../../../libs/protocol/src/text.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { AccountFields, accountRules } from './account-fields.ts';
import { Door } from './door.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { secretIn } from './secret.ts';
import { Translate } from '../ui/language.ts';

/** First run (ACC1): one form makes the admin and the first rooms, behind a link that works once. */
@Component({
  selector: 'cv-setup',
  imports: [Door, AccountFields, FormField, FormRoot, FieldErrors, MatButton, Icon, Translate],
  templateUrl: './setup.html',
  styles: `
    .rooms {
      border: 0;
      margin: 0;
      padding: 0;
      display: grid;
      gap: 0.5rem;
    }
    .rooms legend {
      padding: 0 0 0.375rem;
      font-weight: 600;
      font-size: 0.875rem;
    }
    .room {
      display: grid;
      grid-template-columns: 1fr auto;
      gap: 0 0.25rem;
      align-items: center;
    }
    .room cv-field-errors {
      grid-column: 1 / -1;
    }
    .add {
      justify-self: start;
      margin-inline-start: -0.75rem;
    }
  `,
})
export class Setup {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  protected readonly token = secretIn(location.hash, 'setup');
  protected readonly problem = signal<string | null>(null);
  readonly #model = signal({ account: { username: '', displayName: '', password: '' }, rooms: ['Lobby'] });
  protected readonly fields = form(
    this.#model,
    (path) => {
      accountRules(path.account);
      applyEach(path.rooms, (room) => validateStandardSchema(room, RoomName));
    },
    { submission: { action: () => this.#setUp() } },
  );

  protected addRoom(): void {
    this.#model.update((model) => ({ ...model, rooms: [...model.rooms, ''] }));
  }
  protected dropRoom(index: number): void {
    this.#model.update((model) => ({ ...model, rooms: model.rooms.filter((_, i) => i !== index) }));
  }

  async #setUp(): Promise<undefined> {
    const { account, rooms } = this.#model();
    this.problem.set(null);
    try {
      await this.#client.doors.setup({ token: this.token ?? '', ...account, rooms });
      await this.#router.navigateByUrl('/', { replaceUrl: true });
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
