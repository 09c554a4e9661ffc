import { Component, computed, DestroyRef, inject } from '@angular/core';
import { MatMenuModule } from '@angular/material/menu';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { toSignal as fromStream } from '@angular/core/rxjs-interop';
import { filter, map } from 'rxjs';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Arrival } from '../arrival.ts';
import { emptyShelf } from '../shelf.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { Icon } from '../ui/icon.ts';
import { Mark } from '../ui/mark.ts';
import { StatusMark } from '../ui/status-mark.ts';
import { statusWords } from '../ui/status-words.ts';
import { Theme, type ThemeChoice } from '../ui/theme.ts';
import { Toasts } from '../ui/toasts.ts';
import { ConnectionBanner } from './connection-banner.ts';
import { PrivateQuestion } from './private-question.ts';
import { FindKeys } from './find-keys.ts';
import { IdleLock } from './idle-lock.ts';
import { Installation } from './installation.ts';
import { Attention } from './attention.ts';
import { OverlayLandmark } from './overlay-landmark.ts';
import { RoomList } from './room-list.ts';
import { SharedOffer } from './shared-offer.ts';
import { StatusChoice } from './status-choice.ts';
import { UnreadKeys } from './unread-keys.ts';
import { Shortcuts } from './shortcuts.ts';
import { Updates } from './updates.ts';
import { Language, languages, type LanguageChoice, t, Translate } from '../ui/language.ts';

/** The frame: my rooms on one side, what is open on the other; on a phone one of the two. */
@Component({
  selector: 'cv-shell',
  imports: [
    RouterOutlet,
    RouterLink,
    RouterLinkActive,
    MatMenuModule,
    Avatar,
    Icon,
    Mark,
    RoomList,
    ConnectionBanner,
    PrivateQuestion,
    StatusChoice,
    StatusMark,
    Translate,
  ],
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
})
export class Shell {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly find = inject(FindKeys);
  protected readonly theme = inject(Theme);
  protected readonly language = inject(Language);
  protected readonly shortcuts = inject(Shortcuts);
  protected readonly installation = inject(Installation);
  protected readonly site = toSignal(this.#client.site);
  protected readonly session = toSignal(this.#client.session);
  protected readonly status = toSignal(this.#client.status.view);
  protected readonly statusWords = statusWords;
  protected readonly me = computed(() => {
    const session = this.session();
    return session.state === 'ready' ? session.user : null;
  });
  readonly #lock = toSignal(this.#client.localLock.view);
  protected readonly lockable = computed(() => this.#lock().passphrase || this.#lock().passkey);
  readonly #address = fromStream(
    this.#router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(() => this.#router.url),
    ),
    { initialValue: this.#router.url },
  );
  /** On a phone the list shows only while nothing else is open. */
  protected readonly open = computed(() => this.#address().split(/[?#]/)[0] !== '/');
  protected readonly themes: { choice: ThemeChoice; words: string; icon: 'system' | 'sun' | 'moon' }[] = [
    { choice: 'system', words: 'As the system', icon: 'system' },
    { choice: 'light', words: 'Light', icon: 'sun' },
    { choice: 'dark', words: 'Dark', icon: 'moon' },
  ];

  /** Each language is called by its own name, whatever is spoken now. */
  protected readonly tongues: { choice: LanguageChoice; words: string }[] = [
    { choice: 'system', words: 'As the system' },
    ...Object.entries(languages).map(([choice, words]) => ({ choice: choice as LanguageChoice, words })),
  ];

  constructor() {
    inject(OverlayLandmark);
    inject(Shortcuts).watch(inject(DestroyRef));
    inject(Updates).watch();
    this.find.watch(inject(DestroyRef));
    inject(IdleLock).watch(inject(DestroyRef));
    inject(Attention).watch(inject(DestroyRef));
    inject(UnreadKeys).watch(inject(DestroyRef));
    inject(SharedOffer)
      .make()
      .catch(() => undefined); // where the browser keeps nothing, nothing waits
    void this.#client.localLock.look();
    const invitation = inject(Arrival).take('room');
    if (invitation) void this.#enter(invitation);
  }

  /** A link into a room brought somebody here (ROOM8). */
  async #enter(invitation: string): Promise<void> {
    await this.#toasts.attempt(async () => this.#router.navigate(['/rooms', await this.#client.joinByInvitation(invitation)]));
  }

  protected lock(): void {
    void this.#toasts.attempt(() => this.#client.lock());
  }

  protected async logOut(forget: boolean): Promise<void> {
    const yes = await this.#confirm.ask(
      forget
        ? {
            title: t('Log out and forget?'),
            text: [
              t('Messages, drafts and keys are deleted from this browser, and it is removed from your account.'),
              t('Without another linked device, what was written before cannot be read again.'),
            ],
            yes: t('Log out and forget'),
            danger: true,
          }
        : {
            title: t('Log out?'),
            text: [t('Messages and keys stay in this browser, sealed, for the next time you sign in.')],
            yes: t('Log out'),
          },
    );
    if (!yes) return;
    if (forget) await emptyShelf().catch(() => undefined); // where the browser keeps nothing, nothing waits
    if (await this.#toasts.attempt(() => this.#client.logout(forget))) await this.#router.navigateByUrl('/', { replaceUrl: true });
  }
}
