import { effect, inject, Injectable, signal } from '@angular/core';
import { Language } from './language.ts';

/** One emoji as the Unicode CLDR names it, in the reader's language. `group`: 0 faces … 9 flags, as Unicode orders them. */
export type Emoji = { emoji: string; annotation: string; shortcodes: string[]; tags: string[]; group: number };

/** Groups of Unicode that people look through; 2 is parts of others. */
export const emojiGroups = [
  { group: 0, icon: '😀', name: 'Faces' },
  { group: 1, icon: '👋', name: 'People' },
  { group: 3, icon: '🐶', name: 'Nature' },
  { group: 4, icon: '🍎', name: 'Food' },
  { group: 5, icon: '🚗', name: 'Places' },
  { group: 6, icon: '⚽', name: 'Activities' },
  { group: 7, icon: '💡', name: 'Things' },
  { group: 8, icon: '❤️', name: 'Symbols' },
  { group: 9, icon: '🏁', name: 'Flags' },
] as const;

/** All emoji, by name (MSG4); the server's own copy, loaded when somebody first looks for one. */
@Injectable({ providedIn: 'root' })
export class EmojiBook {
  readonly #language = inject(Language);
  readonly all = signal<readonly Emoji[]>([]);
  /** It could not be loaded: the server is away, and the browser does not hold it yet. */
  readonly missing = signal(false);
  readonly #wanted = signal(0);

  constructor() {
    effect(() => {
      const code = this.#language.current();
      if (this.#wanted()) void this.#load(code);
    });
  }

  open(): void {
    if (!this.#wanted() || this.missing()) this.#wanted.update((count) => count + 1);
  }

  /** Of an open book: by shortcode, name or tag; what begins with the words comes first. */
  find(words: string, most: number): Emoji[] {
    const sought = folded(words);
    if (!sought) return [];
    const ranked = this.all()
      .map((emoji) => ({ emoji, rank: rankOf(emoji, sought) }))
      .filter(({ rank }) => rank < 3);
    return ranked
      .sort((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ emoji }) => emoji);
  }

  async #load(code: string): Promise<void> {
    try {
      const response = await fetch(`/emoji/${code}/data.json`);
      if (!response.ok) throw new Error(`emoji: ${response.status}`);
      const all = (await response.json()) as Emoji[];
      if (code === this.#language.current()) this.all.set(all);
      this.missing.set(false);
    } catch {
      this.missing.set(true);
    }
  }
}

const folded = (words: string): string =>
  words
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');

function rankOf({ shortcodes, annotation, tags }: Emoji, sought: string): 0 | 1 | 2 | 3 {
  const names = [...shortcodes, folded(annotation)];
  if (names.includes(sought)) return 0;
  if (names.some((name) => name.startsWith(sought))) return 1;
  return names.some((name) => name.includes(sought)) || tags.some((tag) => folded(tag).startsWith(sought)) ? 2 : 3;
}
