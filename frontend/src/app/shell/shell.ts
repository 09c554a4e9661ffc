import { Component, computed, inject } from '@angular/core';
import { MatMenuModule } from '@angular/material/menu';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { toSignal as fromStream } from '@angular/core/rxjs-interop';
import { filter, map } from 'rxjs';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { Icon } from '../ui/icon.ts';
import { Mark } from '../ui/mark.ts';
import { Theme, type ThemeChoice } from '../ui/theme.ts';
import { Toasts } from '../ui/toasts.ts';
import { ConnectionBanner } from './connection-banner.ts';
import { PrivateQuestion } from './private-question.ts';
import { Installation } from './installation.ts';
import { RoomList } from './room-list.ts';
import { Updates } from './updates.ts';

/** The frame: my rooms on one side, what is open on the other; on a phone one of the two. */
@Component({
  selector: 'cv-shell',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, MatMenuModule, Avatar, Icon, Mark, RoomList, ConnectionBanner, PrivateQuestion],
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
})
export class Shell {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly theme = inject(Theme);
  protected readonly installation = inject(Installation);
  protected readonly site = toSignal(this.#client.site);
  protected readonly session = toSignal(this.#client.session);
  protected readonly me = computed(() => {
    const session = this.session();
    return session.state === 'ready' ? session.user : null;
  });
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

  constructor() {
    inject(Updates).watch();
  }

  protected async logOut(forget: boolean): Promise<void> {
    const yes = await this.#confirm.ask(
      forget
        ? {
            title: 'Log out and forget?',
            text: [
              'Messages, drafts and keys are deleted from this browser, and it is removed from your account.',
              'Without another linked device, what was written before cannot be read again.',
            ],
            yes: 'Log out and forget',
            danger: true,
          }
        : { title: 'Log out?', text: ['Messages and keys stay in this browser, sealed, for the next time you sign in.'], yes: 'Log out' },
    );
    if (yes && (await this.#toasts.attempt(() => this.#client.logout(forget)))) await this.#router.navigateByUrl('/', { replaceUrl: true });
  }
}
