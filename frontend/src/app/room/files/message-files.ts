import { Component, input } from '@angular/core';
import type { MessageItem } from '../rows.ts';
import { FileBubble } from './file-bubble.ts';

/** The files of one message. */
@Component({
  selector: 'cv-message-files',
  imports: [FileBubble],
  template: `
    @for (file of item().files; track file.id) {
      <cv-file [file]="file" [item]="item()" />
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 0.375rem;
      padding-block: 0.25rem;
    }
  `,
})
export class MessageFiles {
  readonly item = input.required<MessageItem>();
}
