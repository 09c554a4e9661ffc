import { inject, signal } from '@angular/core';
import { Confirm } from './confirm.ts';
import { t } from './language.ts';
import { Toasts } from './toasts.ts';

/** `rooms`: those that an invitation to the site leads into; one into a room names none. */
export type Invitation = { id: string; usesLeft: number; expiresAt: number; rooms?: readonly string[] };

type Doors = {
  make(uses: number, days: number): Promise<Invitation & { link: string }>;
  open(): Promise<Invitation[]>;
  withdraw(id: string): Promise<unknown>;
};

/** Links that let people in, to the site or into one room: the one just made, which is shown once, and those that still work. */
export class Invitations {
  readonly made = signal<(Invitation & { link: string }) | null>(null);
  /** Null before `load` has its answer. */
  readonly open = signal<Invitation[] | null>(null);
  readonly busy = signal(false);
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);

  constructor(private readonly doors: Doors) {}

  async load(): Promise<void> {
    await this.#toasts.attempt(async () => this.open.set(await this.doors.open()));
  }

  async make(uses: number, days: number): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(async () => this.made.set(await this.doors.make(uses, days)));
    this.busy.set(false);
    await this.load();
  }

  async withdraw({ id }: Invitation): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Withdraw this invitation?'),
      text: [t('Its link stops working at once. Whoever has used it stays.')],
      yes: 'Withdraw',
      danger: true,
    });
    if (!yes || !(await this.#toasts.attempt(() => this.doors.withdraw(id)))) return;
    if (this.made()?.id === id) this.made.set(null);
    await this.load();
  }
}
