import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { NoticesChange, NoticesView, RoomLevel, SoundEvent } from '../../../../libs/client/src/index.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { DesktopNotices, type PushState } from '../ui/desktop-notices.ts';
import { Icon } from '../ui/icon.ts';
import { t, Translate } from '../ui/language.ts';
import { levels } from '../ui/level-words.ts';
import { PageHead } from '../ui/page-head.ts';
import { Sounds } from '../ui/sounds.ts';
import { Switch } from '../ui/switch.ts';
import { Toasts } from '../ui/toasts.ts';
import { permissionHelp } from './browser-help.ts';

/** What this device tells of, and how (PRES2 to PRES5). */
@Component({
  selector: 'cv-notices-page',
  imports: [Icon, MatButton, PageHead, Switch, Translate],
  templateUrl: './notices-page.html',
  styles: `
    .sound {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 1rem;
    }
    .sound cv-switch {
      flex: 1;
    }
    .skeleton {
      flex: 1;
      block-size: 2.5rem;
    }
    fieldset {
      border: 0;
      padding: 0;
      margin: 0;
    }
    legend {
      font-weight: 600;
      padding: 0;
    }
    .choice {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      min-block-size: 2.5rem;
    }
    select {
      min-block-size: 2.5rem;
      max-inline-size: 60%;
      font: inherit;
      color: inherit;
      background: var(--surface);
      border: 1px solid var(--ink-soft);
      border-radius: 0.5rem;
    }
    .list {
      list-style: none;
      padding: 0;
      display: grid;
      gap: 0.5rem;
    }
  `,
})
export class NoticesPage {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #sounds = inject(Sounds);
  protected readonly desktop = inject(DesktopNotices);
  protected readonly notices = toSignal(this.#client.notices.view);
  readonly #lines = toSignal(this.#client.rooms);
  protected readonly rooms = computed(() => [...this.#lines()].sort((a, b) => a.name.localeCompare(b.name)));
  protected readonly busy = signal(false);
  protected readonly help = () => permissionHelp(navigator.userAgent);
  protected readonly levels = levels;
  protected readonly pushWords: { [S in PushState]: string } = {
    unknown: 'Notices come while the app is open in a tab.',
    on: 'Notices also come while the app is closed.',
    'off-here': 'Notices come while the app is open in a tab: this site sends none to closed apps.',
    'no-service': 'Notices come while the app is open in a tab: this browser has no push service, or it cannot be reached.',
  };
  protected readonly shows: { shows: NoticesView['shows']; words: string }[] = [
    { shows: 'words', words: 'Who wrote, and the words' },
    { shows: 'sender', words: 'Only who wrote' },
    { shows: 'nothing', words: 'Only that there is something' },
  ];
  protected readonly sounds: { event: SoundEvent; words: string }[] = [
    { event: 'message', words: 'A message' },
    { event: 'mention', words: 'A message that calls me by name' },
    { event: 'joined', words: 'Somebody joins a room' },
    { event: 'failed', words: 'A message of mine was not delivered' },
  ];

  protected async tell(on: boolean): Promise<void> {
    await this.#do(() => (on ? this.desktop.enable() : this.desktop.disable()));
  }
  protected async change(change: NoticesChange): Promise<void> {
    await this.#do(() => this.#client.notices.change(change));
  }
  protected async sound(event: SoundEvent, on: boolean): Promise<void> {
    const sounds = new Set(this.notices().sounds);
    sounds[on ? 'add' : 'delete'](event);
    await this.change({ sounds });
  }
  protected listen(event: SoundEvent): void {
    void this.#toasts.attempt(() => this.#sounds.play(event));
  }
  protected async level(room: string, level: RoomLevel): Promise<void> {
    await this.#do(() => this.#client.notices.setLevel(room, level));
  }
  protected async test(): Promise<void> {
    const notice = {
      title: this.#client.site.value?.name ?? 'Conclave',
      body: t('This is what a notice looks like.'),
      room: 'test',
      mid: null,
    };
    await this.#do(() => this.desktop.show(notice));
  }

  async #do(deed: () => Promise<unknown>): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(deed);
    this.busy.set(false);
  }
}
