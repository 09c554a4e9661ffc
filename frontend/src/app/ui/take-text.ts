import { Component, DestroyRef, inject, input, output, signal, viewChild, type ElementRef } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Icon } from './icon.ts';
import { Scanner } from './scanner.ts';
import { t, Translate } from './language.ts';

/** A text from another device: pasted, or scanned where this browser can read QR codes. */
@Component({
  selector: 'cv-take-text',
  imports: [Icon, MatButton, Translate],
  template: `
    <form class="stack" (submit)="$event.preventDefault(); take(text.value)">
      <h2>{{ heading() }}</h2>
      <label class="field">
        <span class="name">{{ label() }}</span>
        <textarea
          #text
          class="input"
          rows="3"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          [placeholder]="'Conclave…' | t"
          data-testid="hand-input"
        ></textarea>
      </label>
      <video #video [hidden]="!scanning()" muted playsinline [attr.aria-label]="'What the camera sees' | t"></video>
      @if (problem(); as words) {
        <p class="error" role="alert">{{ words }}</p>
      }
      <span class="row">
        <button matButton="filled" type="submit" [disabled]="busy()" data-testid="hand-take">
          {{ (busy() ? 'One moment…' : button()) | t }}
        </button>
        @if (canScan) {
          <button matButton="tonal" type="button" (click)="scanning() ? stop() : scan()">
            <cv-icon name="camera" /> {{ (scanning() ? 'Stop the camera' : 'Scan a QR code') | t }}
          </button>
        }
      </span>
    </form>
  `,
  styles: `
    textarea {
      resize: vertical;
      font:
        0.8125rem/1.4 ui-monospace,
        'Cascadia Mono',
        Menlo,
        monospace;
    }
    video {
      inline-size: 100%;
      max-block-size: 20rem;
      border-radius: 0.75rem;
      background: #000;
      object-fit: cover;
    }
    video[hidden] {
      display: none;
    }
  `,
})
export class TakeText {
  readonly heading = input.required<string>();
  readonly label = input.required<string>();
  readonly button = input.required<string>();
  readonly busy = input(false);
  readonly taken = output<string>();
  protected readonly canScan = Scanner.supported();
  protected readonly scanning = signal(false);
  protected readonly problem = signal<string | null>(null);
  private readonly video = viewChild.required<ElementRef<HTMLVideoElement>>('video');
  #scanner: Scanner | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#scanner?.stop());
  }

  protected take(text: string): void {
    this.problem.set(text.trim() ? null : t('Paste the text that the other device shows.'));
    if (text.trim()) this.taken.emit(text);
  }

  protected async scan(): Promise<void> {
    this.problem.set(null);
    this.scanning.set(true);
    const scanner = (this.#scanner = new Scanner(this.video().nativeElement));
    try {
      const text = await scanner.read();
      if (text !== null) this.taken.emit(text);
    } catch {
      this.problem.set(t('The camera cannot be used. Allow it for this site, or paste the text.'));
    }
    if (this.#scanner === scanner) this.stop();
  }

  protected stop(): void {
    this.#scanner?.stop();
    this.#scanner = null;
    this.scanning.set(false);
  }
}
