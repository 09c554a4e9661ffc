import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { ImportResult } from '../../../../libs/client/src/index.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { t, Translate } from '../ui/language.ts';

/** A sealed file back into this device (FIND4). */
@Component({
  selector: 'cv-import-section',
  imports: [MatButton, Translate],
  template: `
    <section class="card stack" aria-labelledby="import-heading" data-testid="import">
      <h2 id="import-heading">{{ 'Import' | t }}</h2>
      <p class="soft">{{ 'Adds what this device lacks of the rooms you are in. What is here already stays as it is.' | t }}</p>
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      <form class="stack" (submit)="take($event, file.files, words.value)">
        <label class="field">
          <span class="name">{{ 'Sealed file' | t }}</span>
          <input #file class="input" type="file" accept=".cvh" data-testid="import-file" />
        </label>
        <label class="field">
          <span class="name">{{ 'Passphrase of the file' | t }}</span>
          <input #words class="input" type="password" autocomplete="off" data-testid="import-passphrase" />
        </label>
        <p>
          <button matButton="filled" type="submit" [disabled]="busy()" data-testid="import-take">
            {{ (busy() ? 'Importing…' : 'Import') | t }}
          </button>
        </p>
      </form>
      @if (result(); as done) {
        <ul role="status" data-testid="import-result">
          @for (line of lines(done); track line) {
            <li>{{ line }}</li>
          }
        </ul>
      }
    </section>
  `,
})
export class ImportSection {
  readonly #client = inject(CONCLAVE);
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly result = signal<ImportResult | null>(null);

  protected async take(event: Event, files: FileList | null, words: string): Promise<void> {
    event.preventDefault();
    const file = files?.[0];
    if (!file) return this.problem.set(t('Choose a file first.'));
    this.busy.set(true);
    this.problem.set(null);
    this.result.set(null);
    try {
      this.result.set(await this.#client.history.take(file, words));
    } catch (error) {
      this.problem.set(errorWords(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected lines({ added, unproved, known, refused, elsewhere }: ImportResult): string[] {
    return [
      t('{count} entries were added.', { count: added }),
      ...(known ? [t('{count} were here already.', { count: known })] : []),
      ...(unproved ? [t('{count} were added with a mark, since nothing on this device proves who wrote them.', { count: unproved })] : []),
      ...(elsewhere ? [t('{count} are of rooms you are not in, and were left out.', { count: elsewhere })] : []),
      ...(refused ? [t('{count} were refused: their signatures do not hold.', { count: refused })] : []),
    ];
  }
}
