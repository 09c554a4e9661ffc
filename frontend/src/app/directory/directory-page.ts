import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { Router, RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { Toasts } from '../ui/toasts.ts';

/** The listed rooms, live while one looks at them. */
@Component({
  selector: 'cv-directory-page',
  imports: [Avatar, Icon, MatButton, PageHead, RouterLink],
  templateUrl: './directory-page.html',
  styleUrl: './directory-page.scss',
})
export class DirectoryPage {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #dialog = inject(MatDialog);
  readonly #toasts = inject(Toasts);
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

  protected async join(room: string): Promise<void> {
    if (this.joining()) return;
    this.joining.set(room);
    const joined = await this.#toasts.attempt(() => this.#client.joinRoom(room));
    this.joining.set(null);
    if (joined) await this.#router.navigate(['/rooms', room]);
  }

  protected async create(): Promise<void> {
    const { CreateRoom } = await import('./create-room.ts');
    this.#dialog.open(CreateRoom, { width: '27rem', maxWidth: '94vw' });
  }
}
