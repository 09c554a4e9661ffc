import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { errorWords } from '../ui/error-words.ts';
import { t, Translate } from '../ui/language.ts';
import { Toasts } from '../ui/toasts.ts';
import { RoomsChoice } from './rooms-choice.ts';
import { saveAs } from './save-file.ts';

const passphraseMin = 10;

/** One's history as a file: sealed, or for anybody to read (FIND4). */
@Component({
  selector: 'cv-export-section',
  imports: [MatButton, RoomsChoice, Translate],
  template: `
    <section class="card stack" aria-labelledby="export-heading" data-testid="export">
      <h2 id="export-heading">{{ 'Export' | t }}</h2>
      <p class="soft">
        {{ 'Everything this device stores of your rooms, in one file. What vanishes by itself, or was said in private, is not in it.' | t }}
      </p>
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      <cv-rooms-choice [(room)]="room" />
      <form class="stack" (submit)="seal($event, words.value, again.value)">
        <label class="field">
          <span class="name">{{ 'Passphrase of the file' | t }}</span>
          <input #words class="input" type="password" autocomplete="new-password" data-testid="export-passphrase" />
          <span class="hint">{{ 'At least 10 characters. Without it the file opens for nobody, you included.' | t }}</span>
        </label>
        <label class="field">
          <span class="name">{{ 'Once more' | t }}</span>
          <input #again class="input" type="password" autocomplete="new-password" data-testid="export-again" />
        </label>
        <p>
          <button matButton="filled" type="submit" [disabled]="busy()" data-testid="export-sealed">{{ 'Export a sealed file' | t }}</button>
        </p>
      </form>
      <div class="stack">
        <p class="hint">{{ 'A readable file is for other programs. It cannot be imported again.' | t }}</p>
        <span class="row">
          <button matButton [disabled]="busy()" (click)="readable('markdown')" data-testid="export-markdown">
            {{ 'Export as Markdown' | t }}
          </button>
          <button matButton [disabled]="busy()" (click)="readable('json')" data-testid="export-json">{{ 'Export as JSON' | t }}</button>
        </span>
      </div>
    </section>
  `,
})
export class ExportSection {
  readonly #client = inject(CONCLAVE);
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly room = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);

  protected async seal(event: Event, words: string, again: string): Promise<void> {
    event.preventDefault();
    if ([...words.trim()].length < passphraseMin) return this.problem.set(t('The passphrase needs at least 10 characters.'));
    if (words !== again) return this.problem.set(t('The two are not the same. Type them again.'));
    await this.#save('conclave-history.cvh', 'application/octet-stream', this.#client.history.sealed(words, this.#rooms()));
  }

  protected async readable(format: 'markdown' | 'json'): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Export without a seal?'),
      text: [t('Whoever gets hold of this file can read all of it. The others in your rooms may not expect that.')],
      yes: t('Export'),
    });
    if (!yes) return;
    const [name, type] = format === 'json' ? ['conclave-history.json', 'application/json'] : ['conclave-history.md', 'text/markdown'];
    await this.#save(name, type, this.#client.history.readable(format, this.#rooms()));
  }

  #rooms(): string[] | null {
    const room = this.room();
    return room === null ? null : [room];
  }

  async #save(name: string, type: string, pieces: AsyncIterable<Uint8Array<ArrayBuffer> | string>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      const saving = await saveAs(name, type);
      if (!saving) return;
      for await (const piece of pieces) await saving.write(piece);
      await saving.close();
      await this.#toasts.say(t('The file is saved.'));
    } catch (error) {
      this.problem.set(errorWords(error));
    } finally {
      this.busy.set(false);
    }
  }
}
