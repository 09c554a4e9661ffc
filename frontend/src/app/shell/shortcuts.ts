import { Component, inject, Injectable, type DestroyRef } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import { Translate } from '../ui/language.ts';

type Key = { keys: string[]; words: string };

/** Everything the keyboard does beside walking from one control to the next. */
const groups: { title: string; keys: Key[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      { keys: ['Ctrl', 'K'], words: 'Go to a room, a person or a page' },
      { keys: ['Ctrl', 'Shift', 'F'], words: 'Search all messages' },
      { keys: ['Alt', 'Shift', '↓'], words: 'The next room with something new' },
      { keys: ['Alt', 'Shift', '↑'], words: 'The room before it with something new' },
      { keys: ['?'], words: 'This list' },
    ],
  },
  {
    title: 'In a room',
    keys: [
      { keys: ['Ctrl', 'F'], words: 'Search in this room' },
      { keys: ['Ctrl', 'B'], words: 'Go private' },
      { keys: ['End'], words: 'To the newest message, from the list of messages' },
    ],
  },
  {
    title: 'Where one writes',
    keys: [
      { keys: ['Enter'], words: 'Send' },
      { keys: ['Ctrl', 'Enter'], words: 'Send, on every device' },
      { keys: ['Shift', 'Enter'], words: 'A new line' },
      { keys: ['↑'], words: 'Edit your last message, while the field is empty' },
      { keys: ['Esc'], words: 'Stop editing or replying' },
      { keys: ['@'], words: 'Call a member by name' },
      { keys: [':'], words: 'Look for an emoji' },
      { keys: ['/'], words: 'Commands' },
    ],
  },
];
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <h2 mat-dialog-title>{{ 'Keyboard shortcuts' | t }}</h2>
    <mat-dialog-content tabindex="0" data-testid="shortcuts">
      @for (group of groups; track group.title) {
        <h3>{{ group.title | t }}</h3>
        <dl>
          @for (each of group.keys; track each.words) {
            <dt>
              @for (key of each.keys; track key) {
                <kbd>{{ named(key) }}</kbd>
              }
            </dt>
            <dd>{{ each.words | t }}</dd>
          }
        </dl>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end"
      ><button matButton mat-dialog-close cdkFocusInitial>{{ 'Close' | t }}</button></mat-dialog-actions
    >
  `,
  styles: `
    h3 {
      margin: 0.75rem 0 0.25rem;
      font-size: 0.875rem;
    }
    dl {
      display: grid;
      grid-template-columns: 9.5rem 1fr;
      gap: 0.375rem 1rem;
      margin: 0;
      align-items: baseline;
    }
    dt {
      display: flex;
      gap: 0.25rem;
    }
    dd {
      margin: 0;
    }
    kbd {
      min-inline-size: 1.5rem;
      padding: 0.125rem 0.375rem;
      border: 1px solid var(--line-strong);
      border-radius: 0.375rem;
      background: var(--hover);
      font: inherit;
      font-size: 0.8125rem;
      text-align: center;
    }
  `,
})
export class ShortcutsDialog {
  protected readonly groups = groups;
  protected readonly named = (key: string): string => (mac ? ({ Ctrl: '⌘', Alt: '⌥', Shift: '⇧' }[key] ?? key) : key);
}

/** `?` outside of fields opens the list (APP3). */
@Injectable({ providedIn: 'root' })
export class Shortcuts {
  readonly #dialog = inject(MatDialog);

  watch(until: DestroyRef): void {
    const pressed = (event: KeyboardEvent) => {
      const inField = (event.target as Element).closest?.('input, textarea, select, [contenteditable]');
      if (event.key !== '?' || inField || event.ctrlKey || event.metaKey || event.altKey || this.#dialog.openDialogs.length) return;
      event.preventDefault();
      this.show();
    };
    document.addEventListener('keydown', pressed);
    until.onDestroy(() => document.removeEventListener('keydown', pressed));
  }

  show(): void {
    this.#dialog.open(ShortcutsDialog, { width: '32rem', maxWidth: '94vw' });
  }
}
