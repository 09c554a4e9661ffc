import { Component, inject } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import { PopUps } from '../../ui/pop-up.ts';
import { Toasts } from '../../ui/toasts.ts';
import type { Spoken } from './recording.ts';
import { RoomFiles } from './room-files.ts';

/** Opens the recorder; what was spoken is said at once, as a message of its own. */
@Component({
  selector: 'cv-voice-button',
  imports: [Icon, MatTooltip, Translate],
  template: `
    <button
      #button
      type="button"
      class="icon-button"
      aria-haspopup="dialog"
      [attr.aria-label]="'Record a voice message' | t"
      [matTooltip]="'Record a voice message' | t"
      (click)="record(button)"
      data-testid="record-voice"
    >
      <cv-icon name="mic" />
    </button>
  `,
})
export class VoiceButton {
  readonly #files = inject(RoomFiles);
  readonly #popUps = inject(PopUps);
  readonly #toasts = inject(Toasts);

  protected async record(beside: Element): Promise<void> {
    const room = this.#files.room();
    const { VoiceRecorder } = await import('./voice-recorder.ts');
    const spoken = await this.#popUps.ask<Spoken & { voice: number[] }>(VoiceRecorder, beside);
    if (!spoken || !room) return;
    const { file, duration, voice } = spoken;
    await this.#toasts.attempt(async () => {
      const attachment = await this.#files.files.attach(room.id, file, { duration, voice }).attachment;
      await room.say('', { files: [attachment] });
    });
  }
}
