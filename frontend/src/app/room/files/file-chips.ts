import { Component, effect, inject, input } from '@angular/core';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { CONCLAVE, follow, toSignal } from '../../conclave.ts';
import { Icon } from '../../ui/icon.ts';
import { t, Translate } from '../../ui/language.ts';
import { sealedSize } from '../../../../../libs/protocol/src/files.ts';
import { sizeWords } from '../../ui/sizes.ts';
import { percent } from './file-words.ts';
import { RoomFiles, type Chip } from './room-files.ts';

/** Files that wait to be sent with the next message: name, size, how far they are sealed, and how they will go. */
@Component({
  selector: 'cv-file-chips',
  imports: [Icon, Translate],
  template: `
    @if (files.chips().length) {
      <ul [attr.aria-label]="'Files to be sent' | t" data-testid="file-chips">
        @for (chip of files.chips(); track chip.key) {
          <li data-testid="file-chip" [attr.data-state]="chip.progress().state">
            <cv-icon name="clip" />
            <span class="about">
              <bdi class="name">{{ chip.name }}</bdi>
              <span class="soft small">{{ words(chip) }}</span>
              @if (chip.untouched()) {
                <span class="warning small" role="status" data-testid="file-untouched">
                  <cv-icon name="warning" />
                  {{ 'Sent as it is: what is noted inside, such as a place, could not be removed.' | t }}
                </span>
              }
              @if (chip.progress().state === 'sealing') {
                <progress max="100" [value]="done(chip)" [attr.aria-label]="'Sealing {name}' | t: { name: chip.name }"></progress>
              }
            </span>
            <button
              type="button"
              class="icon-button"
              [attr.aria-label]="'Remove {name}' | t: { name: chip.name }"
              (click)="files.remove(chip)"
              data-testid="remove-file"
            >
              <cv-icon name="close" />
            </button>
          </li>
        }
      </ul>
    }
  `,
  styles: `
    ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0.375rem;
      margin: 0 0 0.375rem;
      padding: 0;
      list-style: none;
      max-block-size: min(16rem, 40dvh);
      overflow-y: auto;
    }
    li {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      max-inline-size: min(100%, 20rem);
      padding-inline-start: 0.75rem;
      border: 1px solid var(--line-strong);
      border-radius: 0.75rem;
      background: var(--surface);
    }
    .about {
      display: grid;
      min-inline-size: 0;
      padding-block: 0.25rem;
    }
    .name {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .warning {
      color: var(--amber);
      line-height: 1.35;
    }
    .warning cv-icon {
      vertical-align: -0.25em;
    }
    progress {
      inline-size: 100%;
      block-size: 0.25rem;
      accent-color: var(--brand);
    }
  `,
})
export class FileChips {
  protected readonly files = inject(RoomFiles);
  readonly #site = toSignal(inject(CONCLAVE).site);
  readonly room = input.required<RoomHandle>();
  readonly #roster = follow(() => this.room().roster);

  constructor() {
    effect(() => this.files.enter(this.room()));
  }

  protected done({ progress }: Chip): number {
    return percent(progress().done, progress().size);
  }

  protected words({ progress, size }: Chip): string {
    const { state, size: now } = progress();
    if (state === 'failed') return t('This file cannot be sent. Remove it and choose it again.');
    if (state === 'preparing') return t('{size}, being prepared', { size: sizeWords(size) });
    return `${sizeWords(now)} · ${this.#route(now)}`;
  }

  #route(size: number): string {
    const { direct, members } = this.#roster();
    if (members.every(({ reach }) => reach === 'self' || reach === 'direct' || reach === 'turn')) return t('goes directly');
    const storage = this.#site()?.files;
    const waits = storage && sealedSize(size) <= storage.maxBytes;
    if (waits) return direct > 1 ? t('goes directly, and waits sealed for who is away') : t('waits at the server, sealed');
    return t('goes directly only: too large to wait for who is away');
  }
}
