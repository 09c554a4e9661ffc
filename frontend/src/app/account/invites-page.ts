import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { Invite, NewInvite } from '../../../../libs/protocol/src/rest.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { Qr } from '../ui/qr.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

/** Invitations: a link and its QR code, how often and how long it works, and the way to withdraw it (ACC3). */
@Component({
  selector: 'cv-invites-page',
  imports: [MatButton, CopyButton, Icon, PageHead, Qr, Translate],
  templateUrl: './invites-page.html',
  styleUrl: './invites-page.scss',
})
export class InvitesPage {
  /** Query parameter: the room one came from. */
  readonly room = input<string>();
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);
  protected readonly site = toSignal(this.#client.site);
  protected readonly rooms = toSignal(this.#client.rooms);
  protected readonly chosen = linkedSignal<ReadonlySet<string>>(() => new Set(this.room() ? [this.room()!] : []));
  protected readonly made = signal<NewInvite | null>(null);
  protected readonly link = computed(() => `${location.origin}/register#invite=${this.made()?.secret ?? ''}`);
  protected readonly invites = signal<Invite[] | null>(null);
  protected readonly busy = signal(false);
  protected readonly canShare = 'share' in navigator;

  constructor() {
    void this.#load();
  }

  protected toggle(room: string): void {
    this.chosen.update((chosen) => {
      const next = new Set(chosen);
      if (!next.delete(room)) next.add(room);
      return next;
    });
  }

  protected async create(uses: number, days: number): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(async () => this.made.set(await this.#client.account.invite({ uses, days, rooms: [...this.chosen()] })));
    this.busy.set(false);
    await this.#load();
  }

  protected async revoke(invite: Invite): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Withdraw this invitation?'),
      text: [t('Its link stops working at once. Whoever has used it stays.')],
      yes: 'Withdraw',
      danger: true,
    });
    if (!yes || !(await this.#toasts.attempt(() => this.#client.account.revokeInvite(invite.id)))) return;
    if (this.made()?.id === invite.id) this.made.set(null);
    await this.#load();
  }

  protected share(): void {
    // Rejects when the person closes the sheet.
    navigator.share({ title: t('Join {site}', { site: this.site()?.name ?? 'Conclave' }), url: this.link() }).catch(() => undefined);
  }

  protected describe({ usesLeft, expiresAt, rooms }: Invite): string {
    const names = rooms.map((id) => this.rooms().find((room) => room.id === id)?.name).filter(Boolean);
    const when = fromNow(expiresAt, Date.now());
    const uses = t(usesLeft === 1 ? 'Works once more, ends {when}' : 'Works {count} more times, ends {when}', { count: usesLeft, when });
    return names.length ? t('{uses}, into {rooms}', { uses, rooms: names.join(', ') }) : uses;
  }

  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.invites.set(await this.#client.account.invites()));
  }
}
