import { Component, DestroyRef, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogRef } from '@angular/material/dialog';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import { Toasts } from '../../ui/toasts.ts';
import { OpenedFiles } from './opened-files.ts';

/** A picture as large as the window, with the others of the room by the arrow keys. Escape closes. */
@Component({
  imports: [Icon, Translate],
  template: `
    <figure data-testid="lightbox">
      <div class="stage">
        @if (url(); as image) {
          <img [src]="image" [alt]="file().name" />
        }
      </div>
      <figcaption>
        <bdi>{{ file().name }}</bdi>
        <button type="button" class="icon-button" [attr.aria-label]="'Earlier picture' | t" (click)="step(-1)" [disabled]="!neighbour(-1)">
          <cv-icon name="up" />
        </button>
        <button type="button" class="icon-button" [attr.aria-label]="'Later picture' | t" (click)="step(1)" [disabled]="!neighbour(1)">
          <cv-icon name="down" />
        </button>
        <button type="button" class="icon-button" [attr.aria-label]="'Save {name}' | t: { name: file().name }" (click)="save()">
          <cv-icon name="install" />
        </button>
        <button type="button" class="icon-button" [attr.aria-label]="'Close' | t" (click)="dialog.close()" data-testid="close-lightbox">
          <cv-icon name="close" />
        </button>
      </figcaption>
    </figure>
  `,
  styles: `
    figure {
      display: grid;
      grid-template: 1fr auto / minmax(0, 1fr);
      inline-size: min(96vw, 100%);
      min-inline-size: min(60rem, 92vw);
      block-size: 94dvh;
      margin: 0;
    }
    .stage {
      position: relative;
    }
    img {
      position: absolute;
      inset: 0;
      inline-size: 100%;
      block-size: 100%;
      object-fit: contain;
    }
    figcaption {
      display: flex;
      align-items: center;
      gap: 0.25rem;
      padding: 0.5rem 0.75rem;
    }
    bdi {
      flex: 1;
      min-inline-size: 0;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
  `,
  host: { '(document:keydown)': 'pressed($event)' },
})
export class Lightbox {
  protected readonly dialog = inject<MatDialogRef<Lightbox>>(MatDialogRef);
  readonly #opened = inject(OpenedFiles);
  readonly #toasts = inject(Toasts);
  readonly #pictures = inject<{ file: Attachment; others: Attachment[] }>(MAT_DIALOG_DATA);
  protected readonly file = signal(this.#pictures.file);
  protected readonly url = signal<string | null>(null);

  constructor() {
    void this.#show(this.file());
    inject(DestroyRef).onDestroy(() => this.#opened.close(this.file()));
  }

  protected pressed({ key }: KeyboardEvent): void {
    if (key === 'ArrowLeft' || key === 'ArrowUp') this.step(-1);
    else if (key === 'ArrowRight' || key === 'ArrowDown') this.step(1);
  }

  protected neighbour(by: 1 | -1): Attachment | undefined {
    const { others } = this.#pictures;
    return others[others.findIndex(({ id }) => id === this.file().id) + by];
  }

  protected step(by: 1 | -1): void {
    const next = this.neighbour(by);
    if (!next) return;
    this.#opened.close(this.file());
    void this.#show(next);
  }

  protected save(): void {
    void this.#toasts.attempt(() => this.#opened.save(this.file()));
  }

  async #show(file: Attachment): Promise<void> {
    this.file.set(file);
    this.url.set(null);
    await this.#toasts.attempt(async () => {
      const url = await this.#opened.open(file);
      if (this.file() === file) this.url.set(url);
    });
  }
}
