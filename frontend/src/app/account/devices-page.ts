import { Component, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { Device } from '../../../../libs/protocol/src/rest.ts';
import { CONCLAVE } from '../conclave.ts';
import { BesideQr } from '../ui/beside-qr.ts';
import { Confirm } from '../ui/confirm.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

type Offer = { code: string; expiresAt: number; cancel(): void };

/** The devices of the account: remove one, or hand the keys to a new one by a code. */
@Component({
  selector: 'cv-devices-page',
  imports: [MatButton, BesideQr, CopyButton, Icon, PageHead, Translate],
  templateUrl: './devices-page.html',
  styleUrls: ['./devices-page.scss', './lines.scss'],
})
export class DevicesPage {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);
  protected readonly devices = signal<Device[] | null>(null);
  protected readonly offer = signal<Offer | null>(null);
  protected readonly busy = signal(false);

  constructor() {
    void this.#load();
    inject(DestroyRef).onDestroy(() => this.offer()?.cancel());
  }

  protected ago(at: number): string {
    return fromNow(at, Date.now());
  }

  protected async link(): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(async () => {
      const offer = await this.#client.offerLink();
      this.offer.set(offer);
      void this.#await(offer);
    });
    this.busy.set(false);
  }

  protected stop(): void {
    this.offer()?.cancel();
    this.offer.set(null);
  }

  protected async remove(device: Device): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Remove {name}?', { name: device.name }),
      text: [t('It is signed out at once and can read nothing that is written from now on. What it has stored stays on it.')],
      yes: t('Remove device'),
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.#client.account.removeDevice(device.id)))) await this.#load();
  }

  async #await(offer: Offer & { done: Promise<void> }): Promise<void> {
    try {
      await offer.done;
      await this.#toasts.say(t('The other device is linked.'));
      await this.#load();
    } catch (error) {
      // Taken back by oneself: nothing to tell.
      if (this.offer() === offer) await this.#toasts.error(error);
    }
    if (this.offer() === offer) this.offer.set(null);
  }

  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.devices.set(await this.#client.account.devices()));
  }
}
