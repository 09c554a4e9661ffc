import { Component, inject, signal } from '@angular/core';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import { RoomFiles } from './room-files.ts';

/** Files that are dropped anywhere on the room. */
@Component({
  selector: 'cv-drop-files',
  imports: [Icon, Translate],
  template: `
    @if (over()) {
      <div class="veil" data-testid="drop-here">
        <cv-icon name="clip" />
        <p>{{ 'Drop the files here to send them.' | t }}</p>
      </div>
    }
  `,
  styles: `
    :host {
      position: absolute; /* no part of the room's grid */
      inset: 0;
      pointer-events: none;
    }
    .veil {
      position: absolute;
      inset: 0.5rem;
      z-index: 20;
      display: grid;
      place-content: center;
      justify-items: center;
      gap: 0.5rem;
      border: 2px dashed var(--brand);
      border-radius: 1rem;
      background: color-mix(in srgb, var(--surface) 90%, transparent);
      pointer-events: none;
    }
  `,
  host: {
    '(document:dragover)': 'drag($event)',
    '(document:dragleave)': 'leave($event)',
    '(document:drop)': 'drop($event)',
  },
})
export class DropFiles {
  readonly #files = inject(RoomFiles);
  protected readonly over = signal(false);

  protected drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault(); // else the browser would leave the page for the file
    this.over.set(true);
  }
  protected leave({ relatedTarget }: DragEvent): void {
    if (relatedTarget === null) this.over.set(false);
  }
  protected drop(event: DragEvent): void {
    this.over.set(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#files.add(files);
  }
}
