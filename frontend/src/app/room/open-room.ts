import { Component, computed, DestroyRef, effect, inject, input, signal, untracked, viewChild } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatMenuModule } from '@angular/material/menu';
import { Router, RouterLink } from '@angular/router';
import type { RoomHandle } from '../../../../libs/client/src/views.ts';
import { CONCLAVE, follow, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { Icon } from '../ui/icon.ts';
import { Toasts } from '../ui/toasts.ts';
import { Announcements } from './announcements.ts';
import { Composer } from './composer.ts';
import { Hold } from './hold.ts';
import { Members } from './members.ts';
import { MessageList } from './message-list.ts';
import type { MessageAct } from './message-row.ts';
import { PrivateBar } from './private-bar.ts';
import { reachSummary } from './reach.ts';
import type { MessageItem } from './rows.ts';

@Component({
  selector: 'cv-open-room',
  imports: [Avatar, Icon, MatButton, MatMenuModule, RouterLink, MessageList, Members, Composer, PrivateBar, Hold],
  providers: [Announcements],
  templateUrl: './open-room.html',
  styleUrl: './open-room.scss',
  host: { '(document:keydown.control.b)': 'shortcut($event)' },
})
export class OpenRoom {
  readonly room = input.required<RoomHandle>();
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);
  readonly #router = inject(Router);
  readonly #client = inject(CONCLAVE);
  readonly #privateMode = toSignal(this.#client.privateMode);
  /** A private conversation of this room that is proposed here or goes on. */
  protected readonly privately = computed(() => {
    const view = this.#privateMode();
    return view && view.room === this.view().id && (view.phase === 'proposed' || view.phase === 'private') ? view : null;
  });
  protected readonly privacy = toSignal(this.#client.privacy);
  protected readonly hidden = computed(() => this.privacy().everywhere || this.privacy().rooms.has(this.view().id));
  protected readonly mayGoPrivate = computed(() => this.#privateMode() === null && this.view().phase === 'ready');
  protected readonly view = follow(() => this.room().view);
  protected readonly timeline = follow(() => this.room().timeline);
  protected readonly roster = follow(() => this.room().roster);
  protected readonly summary = computed(() => reachSummary(this.roster()));
  protected readonly alone = computed(
    () =>
      this.roster().members.length <= 1 && this.view().phase === 'ready' && !this.timeline().items.some((item) => item.type === 'message'),
  );
  protected readonly wide = matchMedia('(min-width: 75rem)');
  protected readonly membersShown = signal(this.wide.matches);
  protected readonly editing = signal<MessageItem | null>(null);
  protected readonly replying = signal<MessageItem | null>(null);
  private readonly list = viewChild(MessageList);

  constructor() {
    const announcements = inject(Announcements);
    effect(() => {
      const { items } = this.timeline();
      untracked(() => announcements.see(items));
    });
    const adapt = () => this.membersShown.set(this.wide.matches);
    this.wide.addEventListener('change', adapt);
    inject(DestroyRef).onDestroy(() => this.wide.removeEventListener('change', adapt));
  }

  protected say = async (text: string): Promise<void> => {
    const edited = this.editing();
    if (edited) await this.room().edit(edited.mid, text);
    else await this.room().say(text, this.replying()?.mid);
    this.stopAnswering();
    if (!edited) this.list()?.toEnd();
  };

  protected stopAnswering(): void {
    this.editing.set(null);
    this.replying.set(null);
  }

  protected editLast(): void {
    const mine = this.timeline()
      .items.filter((item) => item.type === 'message')
      .filter((item) => item.mine && !item.deleted);
    const last = mine.at(-1);
    if (last) this.editing.set(last);
  }

  protected async act({ act, item }: MessageAct): Promise<void> {
    const room = this.room();
    switch (act) {
      case 'edit':
        this.replying.set(null);
        return this.editing.set(item);
      case 'reply':
        this.editing.set(null);
        return this.replying.set(item);
      case 'remove':
        if (
          await this.#confirm.ask({
            title: 'Delete this message?',
            text: ['It disappears for everybody in the room.'],
            yes: 'Delete',
            danger: true,
          })
        )
          await this.#toasts.attempt(() => room.remove(item.mid));
        return;
      case 'cancel':
        return void (await this.#toasts.attempt(() => room.cancel(item.mid)));
      case 'retry':
      case 'anyway':
        return void (await this.#toasts.attempt(() => room.retry(item.mid)));
    }
  }

  protected react({ item, emoji, on }: { item: MessageItem; emoji: string; on: boolean }): void {
    void this.#toasts.attempt(() => this.room().react(item.mid, emoji, on));
  }
  protected older(): void {
    void this.#toasts.attempt(() => this.room().older());
  }
  protected seen(): void {
    void this.#toasts.attempt(() => this.room().markRead());
  }
  protected askForGap(key: string): void {
    void this.#toasts.attempt(() => this.room().askForGap(key));
  }
  protected acknowledgeKey(user: string): void {
    void this.#toasts.attempt(() => this.room().acknowledgeKey(user));
  }

  protected goPrivate(): void {
    if (this.mayGoPrivate()) void this.#toasts.attempt(() => this.room().proposePrivate());
  }
  protected hideAddress(on: boolean): void {
    void this.#toasts.attempt(() => this.#client.hideAddress(this.view().id, on));
  }
  protected leavePrivate(): void {
    void this.#toasts.attempt(() => this.#client.leavePrivate());
  }
  /** Ctrl-B, unless it means bold: with words selected in the composer. */
  protected shortcut(event: Event): void {
    const target = event.target;
    if (target instanceof HTMLTextAreaElement && target.selectionStart !== target.selectionEnd) return;
    event.preventDefault();
    this.goPrivate();
  }

  protected async leave(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: `Leave ${this.view().name}?`,
      text: [
        'The others see that you left, and what they write from then on is closed to you. You can join again while the room is listed.',
      ],
      yes: 'Leave room',
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.room().leave()))) await this.#router.navigateByUrl('/');
  }
}
