import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { Translate } from '../../ui/language.ts';
import { kindOf } from './file-kinds.ts';
import { OpenedFiles } from './opened-files.ts';
import { RoomFiles } from './room-files.ts';

/** A picture in a message: blurred until it is here and checked; its place is there from the beginning, so that nothing jumps. */
@Component({
  selector: 'cv-picture',
  imports: [Translate],
  template: `
    <button
      type="button"
      [style.aspect-ratio]="ratio()"
      [disabled]="!url()"
      [attr.aria-label]="'Look at {name}' | t: { name: file().name }"
      (click)="look()"
      data-testid="picture"
    >
      @if (blur(); as image) {
        <img class="blur" [src]="image" alt="" [class.over]="shown()" />
      }
      @if (url(); as image) {
        <img [src]="image" [alt]="file().name" (load)="shown.set(true)" [class.shown]="shown()" data-testid="picture-image" />
      }
    </button>
  `,
  styles: `
    button {
      position: relative;
      display: block;
      inline-size: 100%;
      max-block-size: min(24rem, 60dvh);
      min-block-size: 3rem;
      padding: 0;
      border: 0;
      border-radius: 0.75rem;
      overflow: hidden;
      background: var(--hover);
      cursor: zoom-in;
    }
    button:disabled {
      cursor: default;
    }
    img {
      position: absolute;
      inset: 0;
      inline-size: 100%;
      block-size: 100%;
      object-fit: contain;
      opacity: 0;
    }
    .blur {
      object-fit: cover;
      filter: blur(12px);
      transform: scale(1.1);
      opacity: 1;
    }
    .shown {
      opacity: 1;
    }
    .over {
      opacity: 0;
    }
  `,
})
export class Picture {
  readonly file = input.required<Attachment>();
  readonly here = input.required<boolean>();
  readonly #opened = inject(OpenedFiles);
  readonly #dialog = inject(MatDialog);
  readonly #files = inject(RoomFiles);
  protected readonly url = signal<string | null>(null);
  protected readonly shown = signal(false);
  protected readonly ratio = computed(() => `${this.file().preview?.width ?? 4} / ${this.file().preview?.height ?? 3}`);
  protected readonly blur = computed(() => {
    const { blur } = this.file().preview ?? {};
    return blur ? dataUrl(blur) : null;
  });

  constructor() {
    effect((onCleanup) => {
      const file = this.file();
      if (!this.here()) return;
      let gone = false;
      this.#opened.open(file).then(
        (url) => !gone && this.url.set(url),
        () => undefined, // it has just gone, or is damaged: the blurred one stays, and saving it says why
      );
      onCleanup(() => {
        gone = true;
        this.url.set(null);
        this.#opened.close(file);
      });
    });
  }

  protected async look(): Promise<void> {
    const { Lightbox } = await import('./lightbox.ts');
    const others = (this.#files.room()?.timeline.value.items ?? []).flatMap((item) => (item.type === 'message' ? item.files : []));
    const pictures = others.filter((file) => kindOf(file) === 'picture' && this.#files.files.view(file.id).value.coming.state === 'here');
    this.#dialog.open(Lightbox, {
      data: { file: this.file(), others: pictures },
      panelClass: 'lightbox',
      maxWidth: '100vw',
      maxHeight: '100dvh',
      ariaLabel: this.file().name,
    });
  }
}

/** WebP or JPEG, whichever its first bytes say: nothing else is given to the browser. */
function dataUrl(blur: string): string | null {
  const base64 = blur.replaceAll('-', '+').replaceAll('_', '/');
  const type = base64.startsWith('UklGR') ? 'image/webp' : base64.startsWith('/9j/') ? 'image/jpeg' : null;
  return type && `data:${type};base64,${base64}`;
}
