import { Component, computed, input } from '@angular/core';
import { foundIn } from '../../../../libs/client/src/search/fold.ts';

/** As much as is shown before the first word that was found. */
const lead = 60;
const most = 400;

/** Somebody's words with those that were looked for marked, from a little before the first of them. */
@Component({
  selector: 'cv-found-words',
  template: `@for (piece of pieces(); track $index) {
    @if (piece.found) {
      <mark>{{ piece.text }}</mark>
    } @else {
      <span>{{ piece.text }}</span>
    }
  }`,
  styles: `
    :host {
      overflow-wrap: anywhere;
    }
    mark {
      background: var(--amber-soft);
      color: inherit;
      font-weight: 650;
      border-radius: 0.2em;
    }
  `,
  host: { dir: 'auto' },
})
export class FoundWords {
  readonly text = input.required<string>();
  /** Folded. */
  readonly words = input.required<readonly string[]>();
  protected readonly pieces = computed(() => piecesOf(this.text(), this.words()));
}

function piecesOf(whole: string, words: readonly string[]): { text: string; found: boolean }[] {
  const first = foundIn(whole, words)[0]?.from ?? 0;
  const from = first > lead * 2 ? first - lead : 0;
  const text = (from > 0 ? '…' : '') + whole.slice(from, from + most) + (whole.length > from + most ? '…' : '');
  const pieces: { text: string; found: boolean }[] = [];
  let at = 0;
  for (const range of foundIn(text, words)) {
    if (range.from > at) pieces.push({ text: text.slice(at, range.from), found: false });
    pieces.push({ text: text.slice(range.from, range.to), found: true });
    at = range.to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), found: false });
  return pieces;
}
