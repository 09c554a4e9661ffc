import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Translate } from '../ui/language.ts';

/** /chat/{slug}: the room that stands for something in the embedding site (ROOM9). */
@Component({
  selector: 'cv-by-slug',
  imports: [MatButton, RouterLink, Translate],
  template: `
    <section class="page">
      <div class="page-body">
        @if (problem(); as text) {
          <h1>{{ 'This room does not open for you' | t }}</h1>
          <p class="soft">{{ text }}</p>
          <p>
            <a matButton="filled" routerLink="/directory">{{ 'Find a room' | t }}</a>
          </p>
        } @else {
          <span class="skeleton"></span>
        }
      </div>
    </section>
  `,
})
export class BySlug {
  readonly slug = input.required<string>();
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  protected readonly problem = signal<string | null>(null);

  constructor() {
    effect(() => {
      const slug = this.slug();
      untracked(() => void this.#open(slug));
    });
  }

  async #open(slug: string): Promise<void> {
    try {
      const room = await this.#client.joinBySlug(slug);
      await this.#router.navigate(['/rooms', room], { replaceUrl: true });
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
