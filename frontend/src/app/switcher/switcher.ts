import type { ElementRef } from '@angular/core';
import { Component, computed, effect, inject, signal, viewChild } from '@angular/core';
import { MatDialogRef } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { Theme } from '../ui/theme.ts';
import { Toasts } from '../ui/toasts.ts';
import { choicesFor, type Act, type Choice } from './choices.ts';
import { Translate } from '../ui/language.ts';

/** Ctrl-K (FIND3): to any room, person or page by a few letters. A combobox: the keyboard stays in the field, the arrows choose. */
@Component({
  selector: 'cv-switcher',
  imports: [Avatar, Icon, Translate],
  templateUrl: './switcher.html',
  styleUrl: './switcher.scss',
  host: { '(click)': 'pointed($event, true)', '(mousemove)': 'pointed($event, false)' },
})
export class Switcher {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #theme = inject(Theme);
  readonly #dialog = inject(MatDialogRef<Switcher>);
  readonly #rooms = toSignal(this.#client.rooms);
  readonly #lock = toSignal(this.#client.localLock.view);
  readonly #people = this.#client.people();
  protected readonly typed = signal('');
  protected readonly at = signal(0);
  protected readonly choices = computed(() => {
    const { passphrase, passkey } = this.#lock();
    return choicesFor(this.typed().trim(), { rooms: this.#rooms(), people: this.#people, lockable: passphrase || passkey });
  });
  private readonly list = viewChild<ElementRef<HTMLElement>>('list');

  constructor() {
    effect(() => {
      const [at] = [this.at(), this.choices()];
      this.list()?.nativeElement.children[at]?.scrollIntoView({ block: 'nearest' });
    });
  }

  protected type(text: string): void {
    this.typed.set(text);
    this.at.set(0);
  }

  protected key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const last = this.choices().length - 1;
    const moves: Record<string, number> = {
      ArrowDown: this.at() + 1,
      ArrowUp: this.at() - 1,
      PageDown: this.at() + 8,
      PageUp: this.at() - 8,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const step = event.key.startsWith('Arrow');
      this.at.set(to > last ? (step ? 0 : last) : to < 0 ? (step ? last : 0) : to);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const choice = this.choices()[this.at()];
      if (choice) this.choose(choice);
    }
  }

  /** The options themselves are never focused: the pointer is followed from here. */
  protected pointed({ target }: Event, choose: boolean): void {
    const place = target instanceof Element ? target.closest<HTMLElement>('[data-place]')?.dataset['place'] : undefined;
    if (place === undefined) return;
    this.at.set(Number(place));
    const choice = this.choices()[this.at()];
    if (choose && choice) this.choose(choice);
  }

  protected choose(choice: Choice): void {
    this.#dialog.close();
    void this.#toasts.attempt(() => this.#go(choice));
  }

  async #go(choice: Choice): Promise<void> {
    switch (choice.kind) {
      case 'room':
        await this.#router.navigate(['/rooms', choice.id]);
        return;
      case 'person':
        await this.#router.navigate(['/rooms', await this.#client.direct(choice.id)]);
        return;
      case 'act':
        return this.#act(choice.act);
    }
  }

  async #act(act: Act): Promise<void> {
    if ('path' in act) await this.#router.navigateByUrl(act.path);
    else if ('theme' in act) this.#theme.choose(act.theme);
    else await this.#client.lock();
  }
}
