import { Component, inject } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import { RoomFiles } from './room-files.ts';
import { VoiceButton } from './voice-button.ts';

/** What the composer has for files: a button to choose them, and one to speak. Pasted ones come here too. */
@Component({
  selector: 'cv-attach',
  imports: [Icon, MatTooltip, Translate, VoiceButton],
  template: `
    <input #chooser type="file" multiple hidden (change)="choose(chooser)" data-testid="file-input" />
    <button
      type="button"
      class="icon-button"
      [attr.aria-label]="'Attach files' | t"
      [matTooltip]="'Attach files' | t"
      (click)="chooser.click()"
      data-testid="attach"
    >
      <cv-icon name="clip" />
    </button>
    <cv-voice-button />
  `,
  styles: `
    :host {
      display: flex;
      align-items: flex-end;
    }
  `,
  host: { '(document:paste)': 'paste($event)' },
})
export class AttachButton {
  readonly #files = inject(RoomFiles);

  protected choose(chooser: HTMLInputElement): void {
    this.#files.add([...(chooser.files ?? [])]);
    chooser.value = ''; // the same file may be chosen again
  }

  /** Words that are copied from an office program come with a picture of them: words win. */
  protected paste(event: ClipboardEvent): void {
    const { clipboardData: data, target } = event;
    const elsewhere = target instanceof Element && target !== document.body && !target.closest('cv-composer');
    if (elsewhere || !data || data.files.length === 0 || data.types.includes('text/plain')) return;
    event.preventDefault();
    this.#files.add([...data.files]);
  }
}
