import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { Router, RouterLink } from '@angular/router';
import type { RoomSummary } from '../../../../libs/protocol/src/rooms.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { SearchField } from '../ui/search-field.ts';
import { Toasts } from '../ui/toasts.ts';
import { RoomPassword } from '../ui/room-password.ts';
import { Translate } from '../ui/language.ts';

/** The listed rooms, live while one looks at them. */
@Component({
  selector: 'cv-directory-page',
  imports: [Avatar, Icon, MatButton, PageHead, RouterLink, SearchField, Translate],
  templateUrl: './directory-page.html',
  styleUrl: './directory-page.scss',
})
export class DirectoryPage {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #dialog = inject(MatDialog);
  readonly #toasts = inject(Toasts);
  readonly #password = inject(RoomPassword);
  protected readonly directory = toSignal(this.#client.directory);
  protected readonly sought = signal('');
  protected readonly joining = signal<string | null>(null);
  protected readonly rooms = computed(() => {
    const words = this.sought().trim().toLocaleLowerCase();
    const found = this.directory().rooms.filter((room) => `${room.name}\n${room.topic}`.toLocaleLowerCase().includes(words));
    return found.sort((a, b) => b.online - a.online || a.name.localeCompare(b.name));
  });

  constructor() {
    this.#client.watchDirectory(true);
    inject(DestroyRef).onDestroy(() => this.#client.watchDirectory(false));
  }

  protected async join({ id, kind, name }: RoomSummary): Promise<void> {
    if (this.joining()) return;
    this.joining.set(id);
    let entered = id; // a full room of the house may open another
    const join = async (key?: { password: string }) => void (entered = await this.#client.joinRoom(id, key));
    const joined =
      kind === 'password' ? await this.#password.ask(name, (password) => join({ password })) : await this.#toasts.attempt(join);
    this.joining.set(null);
    if (joined) await this.#router.navigate(['/rooms', entered]);
  }

  /** A hidden room answers to its exact name only; anything else says what a missing one says. */
  protected async joinHidden(): Promise<void> {
    const name = this.sought().trim();
    this.joining.set('');
    await this.#toasts.attempt(async () => this.#router.navigate(['/rooms', await this.#client.joinHidden(name)]));
    this.joining.set(null);
  }

  protected async create(): Promise<void> {
    const { CreateRoom } = await import('./create-room.ts');
    this.#dialog.open(CreateRoom, { width: '27rem', maxWidth: '94vw' });
  }
}
