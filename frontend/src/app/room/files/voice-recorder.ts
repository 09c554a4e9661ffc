import { CdkTrapFocus } from '@angular/cdk/a11y';
import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { t, Translate } from '../../ui/language.ts';
import { ANSWER } from '../../ui/pop-up.ts';
import { timeWords } from './file-words.ts';
import { barsOf } from './loudness.ts';
import { Recording, type Spoken } from './recording.ts';

type State = { at: 'asking' } | { at: 'recording' } | { at: 'done'; spoken: Spoken; url: string } | { at: 'refused'; words: string };
const SHOWN = 40;

/** A voice message (FILE5): speak, stop, listen, send or discard. */
@Component({
  imports: [CdkTrapFocus, MatButton, Translate],
  template: `
    <section
      class="panel"
      cdkTrapFocus
      cdkTrapFocusAutoCapture
      role="dialog"
      [attr.aria-label]="'Voice message' | t"
      data-testid="voice-recorder"
    >
      @switch (state().at) {
        @case ('asking') {
          <p role="status">{{ 'The browser asks whether this page may use the microphone.' | t }}</p>
        }
        @case ('refused') {
          <p role="alert" data-testid="voice-refused">{{ refusal() }}</p>
        }
        @case ('recording') {
          <p class="bars" aria-hidden="true">
            @for (bar of bars(); track $index) {
              <span [style.block-size.%]="bar"></span>
            }
          </p>
          <p class="clock" role="timer">{{ clock() }}</p>
        }
        @case ('done') {
          <audio controls [src]="url()" [attr.aria-label]="'What you have spoken' | t"></audio>
        }
      }
      <div class="acts">
        <button matButton type="button" (click)="answer(null)" data-testid="voice-discard">{{ 'Discard' | t }}</button>
        @if (state().at === 'recording') {
          <button matButton="filled" type="button" (click)="stop()" data-testid="voice-stop">{{ 'Stop' | t }}</button>
        }
        @if (state().at === 'done') {
          <button matButton="filled" type="button" (click)="send()" data-testid="voice-send">{{ 'Send' | t }}</button>
        }
      </div>
    </section>
  `,
  styles: `
    .panel {
      inline-size: min(22rem, calc(100vw - 2rem));
      padding: 1rem;
      border: 1px solid var(--line-strong);
      border-radius: 1rem;
      background: var(--surface);
      box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 0.2);
    }
    .bars {
      display: flex;
      align-items: center;
      gap: 2px;
      block-size: 3rem;
      margin: 0;
    }
    .bars span {
      flex: 1;
      min-block-size: 3px;
      border-radius: 2px;
      background: var(--brand);
    }
    .clock {
      margin: 0.25rem 0;
      font-variant-numeric: tabular-nums;
    }
    audio {
      inline-size: 100%;
    }
    .acts {
      display: flex;
      justify-content: flex-end;
      gap: 0.5rem;
      margin-block-start: 0.5rem;
    }
  `,
})
export class VoiceRecorder {
  protected readonly answer = inject(ANSWER);
  protected readonly state = signal<State>({ at: 'asking' });
  readonly #levels = signal<number[]>([]);
  protected readonly bars = computed(() => this.#levels().map((level) => Math.min(100, Math.round(level * 300))));
  protected readonly clock = computed(() => timeWords(this.#levels() && (this.#recording?.duration ?? 0)));
  protected readonly url = computed(() => {
    const state = this.state();
    return state.at === 'done' ? state.url : null;
  });
  protected readonly refusal = computed(() => {
    const state = this.state();
    return state.at === 'refused' ? state.words : '';
  });
  #recording: Recording | null = null;
  #gone = false;

  constructor() {
    void this.#begin();
    inject(DestroyRef).onDestroy(() => {
      this.#gone = true;
      this.#recording?.discard();
      const url = this.url();
      if (url) URL.revokeObjectURL(url);
    });
  }

  protected async stop(): Promise<void> {
    const spoken = await this.#recording!.stop();
    if (!this.#gone) this.state.set({ at: 'done', spoken, url: URL.createObjectURL(spoken.file) });
  }

  protected send(): void {
    const state = this.state();
    if (state.at === 'done') this.answer({ ...state.spoken, voice: barsOf(state.spoken.levels) });
  }

  async #begin(): Promise<void> {
    try {
      this.#recording = await Recording.begin((levels) => this.#levels.set(levels.slice(-SHOWN)));
      if (this.#gone) return this.#recording.discard();
      this.state.set({ at: 'recording' });
    } catch (error) {
      this.state.set({ at: 'refused', words: refusalWords(error) });
    }
  }
}

function refusalWords(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return t('This page may not use the microphone. Allow it in the settings beside the address of the page, then try again.');
  if (name === 'NotFoundError') return t('No microphone was found. Plug one in, then try again.');
  return t('The microphone cannot be used now. Another program may have it: close that, then try again.');
}
