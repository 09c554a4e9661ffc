import { Component, computed, effect, inject, input, signal, viewChild, type ElementRef } from '@angular/core';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import type { FileKind } from './file-kinds.ts';
import { timeWords } from './file-words.ts';
import { OpenedFiles } from './opened-files.ts';

/** Sound, film, or what somebody has spoken, played inside the page. */
@Component({
  selector: 'cv-player',
  imports: [Icon, Translate],
  template: `
    @if (url(); as source) {
      @if (kind() === 'film') {
        <video controls playsinline preload="metadata" [src]="source" [attr.aria-label]="file().name" data-testid="film"></video>
      } @else if (kind() === 'voice') {
        <div class="voice" data-testid="voice">
          <button
            type="button"
            class="icon-button"
            [attr.aria-label]="(playing() ? 'Pause' : 'Listen to the voice message') | t"
            (click)="toggle()"
            data-testid="play-voice"
          >
            <cv-icon [name]="playing() ? 'stop' : 'play'" />
          </button>
          <span class="bars" aria-hidden="true">
            @for (bar of file().voice; track $index) {
              <span [style.block-size.%]="bar" [class.played]="$index < reached()"></span>
            }
          </span>
          <span class="small">{{ clock() }}</span>
          <audio
            #sound
            [src]="source"
            (timeupdate)="at.set(sound.currentTime * 1000)"
            (play)="playing.set(true)"
            (pause)="playing.set(false)"
            (ended)="at.set(0)"
          ></audio>
        </div>
      } @else {
        <audio controls preload="metadata" [src]="source" [attr.aria-label]="file().name" data-testid="sound"></audio>
      }
    }
  `,
  styles: `
    video,
    audio {
      inline-size: 100%;
      max-block-size: min(24rem, 60dvh);
      border-radius: 0.5rem;
    }
    .voice audio {
      display: none;
    }
    .voice {
      display: flex;
      align-items: center;
      gap: 0.5rem;
    }
    .bars {
      display: flex;
      align-items: center;
      gap: 2px;
      flex: 1;
      block-size: 2rem;
    }
    .bars span {
      flex: 1;
      min-block-size: 3px;
      border-radius: 2px;
      background: currentcolor;
      opacity: 0.35;
    }
    .bars .played {
      opacity: 1;
    }
  `,
})
export class Player {
  readonly file = input.required<Attachment>();
  readonly kind = input.required<FileKind>();
  readonly #opened = inject(OpenedFiles);
  protected readonly url = signal<string | null>(null);
  protected readonly playing = signal(false);
  protected readonly at = signal(0);
  private readonly sound = viewChild<ElementRef<HTMLAudioElement>>('sound');
  readonly #duration = computed(() => this.file().duration ?? 0);
  protected readonly clock = computed(() => timeWords(this.at() || this.#duration()));
  protected readonly reached = computed(() => (this.#duration() ? (this.at() / this.#duration()) * (this.file().voice?.length ?? 0) : 0));

  constructor() {
    effect((onCleanup) => {
      const file = this.file();
      let gone = false;
      this.#opened.open(file).then(
        (url) => !gone && this.url.set(url),
        () => undefined, // saving it says why
      );
      onCleanup(() => {
        gone = true;
        this.url.set(null);
        this.#opened.close(file);
      });
    });
  }

  protected toggle(): void {
    const sound = this.sound()?.nativeElement;
    if (sound) void (sound.paused ? sound.play() : sound.pause());
  }
}
