import { Component, inject, signal } from '@angular/core';
import * as z from 'zod';
import { form, FormField, FormRoot, required, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { avatarBytes, type OwnProfile } from '../../../../libs/protocol/src/accounts.ts';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { About, DisplayName, ProfileLink } from '../../../../libs/protocol/src/text.ts';
import { CONCLAVE } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { Toasts } from '../ui/toasts.ts';
import { DeleteAccount } from './delete-account.ts';
import { small } from './small-image.ts';
import { t, Translate } from '../ui/language.ts';

const linkOrNothing = z.union([ProfileLink, z.literal('')]);

/** What others see of oneself, and what the server holds (ACC12, ACC13). */
@Component({
  selector: 'cv-profile-page',
  imports: [Avatar, DeleteAccount, FieldErrors, FormField, FormRoot, Icon, MatButton, PageHead, Translate],
  templateUrl: './profile-page.html',
  styles: `
    .face {
      display: flex;
      align-items: center;
      gap: 1.25rem;
      --avatar-size: 5rem;
    }
    textarea {
      min-block-size: 6rem;
      resize: vertical;
    }
  `,
})
export class ProfilePage {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly profile = signal<OwnProfile | null>(null);
  protected readonly busy = signal(false);
  protected readonly limits = limits;
  readonly #model = signal({ displayName: '', about: '', link: '' });
  protected readonly fields = form(
    this.#model,
    (path) => {
      required(path.displayName, { message: t('Tell the others what to call you.') });
      validateStandardSchema(path.displayName, DisplayName);
      validateStandardSchema(path.about, About);
      validateStandardSchema(path.link, linkOrNothing);
    },
    { submission: { action: () => this.#save() } },
  );

  constructor() {
    void this.#toasts.attempt(async () => this.#shown(await this.#client.account.profile()));
  }

  protected async choose(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (file) await this.#face(async () => this.#client.account.setAvatar(await small(file, avatarBytes)), t('Your picture was changed.'));
  }
  protected async drop(): Promise<void> {
    await this.#face(() => this.#client.account.dropAvatar(), t('Your picture was taken away.'));
  }

  protected async download(): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(async () => {
      const url = URL.createObjectURL(await this.#client.account.exported());
      Object.assign(document.createElement('a'), { href: url, download: `conclave-${this.profile()?.username ?? 'account'}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
    this.busy.set(false);
  }

  async #save(): Promise<undefined> {
    const { displayName, about, link } = this.#model();
    const saved = await this.#toasts.attempt(async () =>
      this.#shown(await this.#client.account.change({ displayName, about, link: link.trim() || null })),
    );
    if (saved) await this.#toasts.say(t('Saved. Members of your rooms see it now.'));
  }

  async #face(change: () => Promise<OwnProfile>, words: string): Promise<void> {
    this.busy.set(true);
    if (await this.#toasts.attempt(async () => this.profile.set(await change()))) await this.#toasts.say(words);
    this.busy.set(false);
  }

  #shown(profile: OwnProfile): void {
    this.profile.set(profile);
    this.#model.set({ displayName: profile.displayName, about: profile.about, link: profile.link ?? '' });
  }
}
