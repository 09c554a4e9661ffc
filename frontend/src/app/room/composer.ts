import {
  afterNextRender,
  afterRenderEffect,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
  type ElementRef,
} from '@angular/core';
import type { RoomHandle } from '../../../../libs/client/src/index.ts';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { errorWords } from '../ui/error-words.ts';
import { follow } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { EmojiPickers } from '../ui/emoji-picker.ts';
import { Icon } from '../ui/icon.ts';
import { t, Translate } from '../ui/language.ts';
import { CommandProblem } from './command-problem.ts';
import { composerAct } from './composer-keys.ts';
import { AttachButton } from './files/attach-button.ts';
import { FileChips } from './files/file-chips.ts';
import { RoomFiles } from './files/room-files.ts';
import { Suggestions } from './composing/suggestions.ts';
import type { MessageItem } from './rows.ts';

const DRAFT_MS = 400;
const utf8 = new TextEncoder();

/** Where one writes. Never disabled: what cannot be sent now is queued by the core. Clears only when the words are stored (MSG8). */
@Component({
  selector: 'cv-composer',
  imports: [AttachButton, Avatar, FileChips, Icon, Translate],
  templateUrl: './composer.html',
  styleUrl: './composer.scss',
})
export class Composer {
  readonly room = input.required<RoomHandle>();
  readonly send = input.required<(text: string) => Promise<void>>();
  readonly editing = input<MessageItem | null>(null);
  readonly replying = input<MessageItem | null>(null);
  readonly editLast = output();
  readonly cancelled = output();

  readonly #typing = follow(() => this.room().typing);
  readonly #roster = follow(() => this.room().roster);
  /** Who else is writing, in a row that is always there, so that nothing jumps. */
  protected readonly writing = computed(() => {
    const names = this.#typing().map((user) => this.#roster().members.find((member) => member.user === user && !member.blocked)?.name);
    const known = names.filter((name) => name !== undefined);
    if (known.length === 0) return '';
    const [first = '', second = ''] = known;
    if (known.length > 2) return t('Several people are writing…');
    return second ? t('{first} and {second} are writing…', { first, second }) : t('{name} is writing…', { name: first });
  });
  protected readonly files = inject(RoomFiles);
  readonly #pickers = inject(EmojiPickers);
  protected readonly suggestions = new Suggestions(() => this.#roster().members);
  protected readonly text = signal('');
  protected readonly storing = signal(false);
  protected readonly failure = signal<string | null>(null);
  readonly #excess = computed(() => utf8.encode(this.text().trim()).length - limits.messageText);
  protected readonly problem = computed(() =>
    this.#excess() > 0
      ? t('Too long by {bytes} bytes. A message holds {most} KB: shorten it or send it in parts.', {
          bytes: this.#excess().toLocaleString(),
          most: limits.messageText / 1024,
        })
      : this.failure(),
  );
  private readonly box = viewChild.required<ElementRef<HTMLTextAreaElement>>('box');
  readonly #touchFirst = matchMedia('(hover: none) and (pointer: coarse)').matches;
  #draft = '';
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    effect(() => {
      const room = this.room();
      untracked(() => void this.#restore(room));
    });
    effect(() => {
      const edited = this.editing();
      untracked(() => this.#beginOrEndEditing(edited));
    });
    effect(() => {
      if (this.replying()) this.box().nativeElement.focus();
    });
    afterRenderEffect(() => {
      this.text();
      fit(this.box().nativeElement);
    });
    afterNextRender(() => {
      if (!this.#touchFirst) this.box().nativeElement.focus();
    });
    inject(DestroyRef).onDestroy(() => this.#saveNow());
  }

  protected typed(text: string): void {
    this.text.set(text);
    this.failure.set(null);
    this.suggestions.see(text, this.box().nativeElement.selectionStart);
    if (this.editing()) return;
    if (text.trim()) this.room().type();
    this.#draft = text;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#saveNow(), DRAFT_MS);
  }

  protected pressed(event: KeyboardEvent): void {
    if (!event.isComposing && this.#suggested(event)) return event.preventDefault();
    const act = composerAct(event, { empty: this.text() === '', editing: this.editing() !== null, touchFirst: this.#touchFirst });
    if (!act) return;
    if (act === 'cancel' && !this.editing() && !this.replying()) return;
    event.preventDefault();
    if (act === 'send') void this.submit();
    else if (act === 'edit-last') this.editLast.emit();
    else this.cancelled.emit();
  }

  /** True when the key chose among what is offered. */
  #suggested({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (!this.suggestions.list().length || shiftKey || ctrlKey || metaKey) return false;
    return key === 'Enter' || key === 'Tab' ? this.complete() : this.suggestions.move(key);
  }

  protected complete(index?: number): boolean {
    const done = this.suggestions.take(index);
    if (done) this.#put(done.text, done.caret);
    return done !== null;
  }

  protected async pickEmoji(beside: Element): Promise<void> {
    const emoji = await this.#pickers.pick(beside);
    const box = this.box().nativeElement;
    const [start, end] = [box.selectionStart, box.selectionEnd];
    if (emoji) this.#put(box.value.slice(0, start) + emoji + box.value.slice(end), start + emoji.length);
    else box.focus();
  }

  #put(text: string, caret: number): void {
    const box = this.box().nativeElement;
    box.value = text;
    box.focus();
    box.setSelectionRange(caret, caret);
    this.typed(text);
  }

  protected async submit(): Promise<void> {
    const text = this.text().trim();
    if ((!text && (this.files.empty() || this.editing())) || this.storing() || this.#excess() > 0) return;
    const edited = this.editing() !== null;
    this.storing.set(true);
    try {
      await this.send()(text);
      if (!edited) this.#forgetDraft();
    } catch (error) {
      this.failure.set(error instanceof CommandProblem ? error.message : errorWords(error));
    } finally {
      this.storing.set(false);
      this.box().nativeElement.focus();
    }
  }

  #forgetDraft(): void {
    this.text.set('');
    this.suggestions.see('', 0);
    this.#draft = '';
    this.#saveNow();
  }

  async #restore(room: RoomHandle): Promise<void> {
    const draft = await room.draft().catch(() => '');
    // Somebody may have begun to type meanwhile.
    if (this.text() || this.room() !== room) return;
    this.#draft = draft;
    this.text.set(draft);
  }

  #beginOrEndEditing(edited: MessageItem | null): void {
    this.failure.set(null);
    this.text.set(edited ? edited.text : this.#draft);
    if (edited) this.box().nativeElement.focus();
  }

  #saveNow(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.room()
      .saveDraft(this.#draft)
      .catch((error: unknown) => this.failure.set(errorWords(error)));
  }
}

/** Grows with its words where CSS alone cannot do it yet; the style sheet bounds it. */
function fit(box: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  box.style.blockSize = 'auto';
  box.style.blockSize = `${box.scrollHeight}px`;
}
