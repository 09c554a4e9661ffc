import { Component, computed, DestroyRef, effect, inject, input, signal, untracked, viewChild } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatMenuModule } from '@angular/material/menu';
import { Router, RouterLink } from '@angular/router';
import type { RoomHandle } from '../../../../libs/client/src/index.ts';
import type { ExpelReason } from '../../../../libs/protocol/src/frames.ts';
import { CONCLAVE, follow, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { CommandProblem } from './command-problem.ts';
import { Icon } from '../ui/icon.ts';
import { Toasts } from '../ui/toasts.ts';
import { Announcements } from './announcements.ts';
import { Composer } from './composer.ts';
import { DropFiles } from './files/drop-files.ts';
import { RoomFiles } from './files/room-files.ts';
import { Hold } from './hold.ts';
import { LevelMenu } from './level-menu.ts';
import { Members } from './members.ts';
import { MessageList } from './message-list.ts';
import type { MessageAct } from './message-act.ts';
import { PersonCards } from './person-card.ts';
import { Clipboard } from '@angular/cdk/clipboard';
import { CommandHelp } from './command-help.ts';
import { MessageDetailsDialogs } from './details-dialog.ts';
import { t } from '../ui/language.ts';
import { obey, readCommand } from './commands.ts';
import { mentionsIn } from './mentions.ts';
import { PrivateBar } from './private-bar.ts';
import { reachSummary } from './reach.ts';
import { ReportDialogs } from './report-dialog.ts';
import { RoomBanners } from './room-banners.ts';
import { withoutComings, type MessageItem } from './rows.ts';
import { Translate } from '../ui/language.ts';

const goneWords: { [R in ExpelReason]: string } = {
  left: 'You have left this room.',
  removed: 'You are no longer in this room.',
  kicked: 'A moderator put you out of this room. You can come in again.',
  banned: 'You are banned from this room.',
  site: 'The site this room belongs to no longer lets you in.',
  archived: 'This room was archived by its owner.',
  deleted: 'This room was deleted.',
};

@Component({
  selector: 'cv-open-room',
  imports: [
    Avatar,
    Icon,
    DropFiles,
    MatButton,
    MatMenuModule,
    RouterLink,
    MessageList,
    Members,
    Composer,
    PrivateBar,
    RoomBanners,
    LevelMenu,
    Hold,
    Translate,
  ],
  providers: [Announcements, RoomFiles],
  templateUrl: './open-room.html',
  styleUrl: './open-room.scss',
  host: { '(document:keydown.control.b)': 'shortcut($event)' },
})
export class OpenRoom {
  readonly room = input.required<RoomHandle>();
  /** The message a link leads to. */
  readonly at = input<string>();
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);
  readonly #router = inject(Router);
  readonly #people = inject(PersonCards);
  readonly #reports = inject(ReportDialogs);
  readonly #help = inject(CommandHelp);
  readonly #details = inject(MessageDetailsDialogs);
  readonly #clipboard = inject(Clipboard);
  readonly #files = inject(RoomFiles);
  readonly #client = inject(CONCLAVE);
  readonly #privateMode = toSignal(this.#client.privateMode);
  /** A private conversation of this room that this person proposed, consented to, or is in. */
  protected readonly privately = computed(() => {
    const view = this.#privateMode();
    return view && view.room === this.view().id && view.phase !== 'asked' ? view : null;
  });
  protected readonly privacy = toSignal(this.#client.privacy);
  protected readonly hidden = computed(() => this.privacy().everywhere || this.privacy().rooms.has(this.view().id));
  protected readonly mayGoPrivate = computed(() => this.#privateMode() === null && this.view().phase === 'ready');
  protected readonly view = follow(() => this.room().view);
  protected readonly timeline = follow(() => this.room().timeline);
  readonly #notices = toSignal(this.#client.notices.view);
  /** Without who came and who left, where one does not want to see it (PRES5). */
  protected readonly shown = computed(() => (this.#notices().comings ? this.timeline() : withoutComings(this.timeline())));
  protected readonly roster = follow(() => this.room().roster);
  protected readonly summary = computed(() => reachSummary(this.roster()));
  protected readonly faces = computed(() => new Map(this.roster().members.map(({ user, avatar }) => [user, avatar])));
  protected readonly alone = computed(
    () =>
      this.roster().members.length <= 1 && this.view().phase === 'ready' && !this.timeline().items.some((item) => item.type === 'message'),
  );
  protected readonly gone = computed(() => {
    const view = this.view();
    return view.phase === 'left' ? t(goneWords[view.reason]) : '';
  });
  protected readonly wide = matchMedia('(min-width: 75rem)');
  protected readonly membersShown = signal(this.wide.matches);
  protected readonly editing = signal<MessageItem | null>(null);
  protected readonly replying = signal<MessageItem | null>(null);
  protected readonly target = signal<{ mid: string } | null>(null);
  private readonly list = viewChild(MessageList);

  constructor() {
    const announcements = inject(Announcements);
    effect(() => {
      const { items } = this.timeline();
      untracked(() => announcements.see(items));
    });
    effect(() => {
      const at = this.at();
      if (at) untracked(() => this.jump(at));
    });
    const adapt = () => this.membersShown.set(this.wide.matches);
    this.wide.addEventListener('change', adapt);
    inject(DestroyRef).onDestroy(() => this.wide.removeEventListener('change', adapt));
  }

  protected say = async (text: string): Promise<void> => {
    const edited = this.editing();
    const command = edited ? null : readCommand(text);
    if (command) return this.#obey(command);
    if (!edited && text.startsWith('//')) text = text.slice(1); // words that begin with a slash
    if (edited) await this.room().edit(edited.mid, text);
    else {
      const replyTo = this.replying()?.mid;
      const files = await this.#files.ready();
      await this.room().say(text, { ...(replyTo ? { replyTo } : {}), mentions: mentionsIn(text, this.roster().members), files });
      this.#files.sent();
    }
    this.stopAnswering();
    if (!edited) this.list()?.toEnd();
  };

  /** What cannot be done stays in the composer, with the reason. */
  async #obey(command: NonNullable<ReturnType<typeof readCommand>>): Promise<void> {
    const result = await obey(command, this.room());
    if ('problem' in result) throw new CommandProblem(result.problem);
    if (result.done) await this.#toasts.say(result.done);
    else this.#help.show();
  }

  protected readonly enterPassword = (password: string): Promise<void> => this.room().enterPassword(password);
  protected letIn(user: string): void {
    void this.#toasts.attempt(() => this.room().letIn(user));
  }
  protected turnAway(user: string): void {
    void this.#toasts.attempt(() => this.room().moderation.kick(user));
  }

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
            title: t('Delete this message?'),
            text: [t('It disappears for everybody in the room.')],
            yes: 'Delete',
            danger: true,
          })
        )
          await this.#toasts.attempt(() => room.remove(item.mid));
        return;
      case 'details':
        return this.#details.show(room, item);
      case 'copy':
        return this.#copy(item.text, t('Copied'));
      case 'link':
        return this.#copy(
          `${location.origin}/rooms/${room.id}?at=${item.mid}`,
          t('The link is copied. It opens for members of this room.'),
        );
      case 'report':
        return this.#reports.ask(room, item);
      case 'cancel':
        return void (await this.#toasts.attempt(() => room.cancel(item.mid)));
      case 'retry':
      case 'anyway':
        return void (await this.#toasts.attempt(() => room.retry(item.mid)));
    }
  }

  #copy(text: string, words: string): void {
    void this.#toasts.say(this.#clipboard.copy(text) ? words : t('The browser did not copy it. Select the words and copy them.'));
  }

  /** To this message, however old. */
  protected jump(mid: string): void {
    void this.#toasts.attempt(async () => {
      if (await this.room().jumpTo(mid)) this.target.set({ mid });
      else await this.#toasts.say(t('This message is not stored here. It may have vanished, or was written before you came.'));
    });
  }

  protected react({ item, emoji, on }: { item: MessageItem; emoji: string; on: boolean }): void {
    void this.#toasts.attempt(() => this.room().react(item.mid, emoji, on));
  }
  protected older(): void {
    void this.#toasts.attempt(() => this.room().older());
  }
  protected newer(): void {
    void this.#toasts.attempt(() => this.room().newer());
  }
  protected latest(): void {
    void this.#toasts.attempt(() => this.room().latest());
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

  protected about(user: string): void {
    this.#people.show(user, this.room());
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
      title: t('Leave {name}?', { name: this.view().name }),
      text: [
        t('The others see that you left, and what they write from then on is closed to you.'),
        this.view().kind === 'open'
          ? t('You can join again while the room is listed.')
          : t('To come in again you need what let you in the first time.'),
      ],
      yes: t('Leave room'),
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.room().leave()))) await this.#router.navigateByUrl('/');
  }
}
