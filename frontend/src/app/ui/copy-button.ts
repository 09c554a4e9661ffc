import { Component, inject, input, signal } from '@angular/core';
import { LiveAnnouncer } from '@angular/cdk/a11y';
import { Clipboard } from '@angular/cdk/clipboard';
import { MatButton } from '@angular/material/button';
import { Icon } from './icon.ts';
import { t } from './language.ts';

@Component({
  selector: 'cv-copy-button',
  imports: [MatButton, Icon],
  template: `<button matButton="tonal" type="button" (click)="copy()">
    <cv-icon [name]="done() ? 'check' : 'copy'" /> {{ words() }}
  </button>`,
})
export class CopyButton {
  readonly text = input.required<string>();
  readonly label = input('Copy');
  protected readonly done = signal<boolean | null>(null);
  readonly #clipboard = inject(Clipboard);
  readonly #announcer = inject(LiveAnnouncer);

  protected words(): string {
    return this.done() === null ? t(this.label()) : this.done() ? t('Copied') : t('Select the text and copy it');
  }

  protected copy(): void {
    this.done.set(this.#clipboard.copy(this.text()));
    void this.#announcer.announce(this.words());
    setTimeout(() => this.done.set(null), 3000);
  }
}
