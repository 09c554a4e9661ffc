import { computed, inject, signal } from '@angular/core';
import type { MemberView } from '../../../../../libs/client/src/index.ts';
import { EmojiBook } from '../../ui/emoji-book.ts';
import { beginningAt, completed } from './completion.ts';

/** What is offered: the picture or emoji before it, its words, and what is put into the text. */
export type Suggestion = { key: string; emoji: string | null; member: MemberView | null; name: string; more: string; put: string };

const most = 8;

/** What the composer offers to complete (ux.md): people after `@`, emoji after `:`, chosen from the keyboard. To be made where things are injected. */
export class Suggestions {
  readonly #book = inject(EmojiBook);
  readonly #text = signal('');
  readonly #caret = signal(0);
  readonly #dismissed = signal<string | null>(null);
  readonly #chosen = signal(0);
  readonly #beginning = computed(() => {
    const found = beginningAt(this.#text(), this.#caret());
    return found && `${found.from}` !== this.#dismissed() ? found : null;
  });
  readonly list = computed<Suggestion[]>(() => {
    const beginning = this.#beginning();
    if (!beginning) return [];
    return beginning.kind === 'mention' ? this.#people(beginning.words) : this.#emoji(beginning.words);
  });
  readonly chosen = computed(() => Math.min(this.#chosen(), this.list().length - 1));

  constructor(private readonly members: () => readonly MemberView[]) {}

  see(text: string, caret: number): void {
    const begun = beginningAt(text, caret);
    if (!begun) this.#dismissed.set(null);
    if (begun?.kind === 'emoji') this.#book.open();
    this.#text.set(text);
    this.#caret.set(caret);
    this.#chosen.set(0);
  }

  /** True when the key was for the list: it moves, or goes away. `Enter` and `Tab` are for `take`. */
  move(key: string): boolean {
    const { length } = this.list();
    if (!length) return false;
    if (key === 'ArrowDown') this.#chosen.set((this.chosen() + 1) % length);
    else if (key === 'ArrowUp') this.#chosen.set((this.chosen() + length - 1) % length);
    else if (key === 'Escape') this.#dismissed.set(`${this.#beginning()!.from}`);
    else return false;
    return true;
  }

  /** The text with the chosen one, or the one at `index`, put in. */
  take(index = this.chosen()): { text: string; caret: number } | null {
    const beginning = this.#beginning();
    const suggestion = this.list()[index];
    return beginning && suggestion ? completed(this.#text(), this.#caret(), beginning, suggestion.put) : null;
  }

  #people(words: string): Suggestion[] {
    const sought = words.toLowerCase();
    const fits = ({ username, name }: MemberView) =>
      username.startsWith(sought) ||
      name
        .toLowerCase()
        .split(/\s+/)
        .some((part) => part.startsWith(sought)) ||
      (sought !== '' && name.toLowerCase().includes(sought));
    return this.members()
      .filter((member) => !member.self && fits(member))
      .slice(0, most)
      .map((member) => ({
        key: member.user,
        emoji: null,
        member,
        name: member.name,
        more: `@${member.username}`,
        put: `@${member.username}`,
      }));
  }

  #emoji(words: string): Suggestion[] {
    return this.#book.find(words, most).map(({ emoji, annotation, shortcodes }) => ({
      key: emoji,
      emoji,
      member: null,
      name: annotation,
      more: shortcodes[0] ? `:${shortcodes[0]}:` : '',
      put: emoji,
    }));
  }
}
