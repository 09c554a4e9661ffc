import { Component, computed, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { follow } from '../../conclave.ts';
import { Confirm } from '../../ui/confirm.ts';
import { PageHead } from '../../ui/page-head.ts';
import { roomKinds } from '../../ui/room-kinds.ts';
import { Toasts } from '../../ui/toasts.ts';
import { BansSection } from './bans-section.ts';
import { NameSection } from './name-section.ts';
import { RoomPasswordSection } from './password-section.ts';
import { RoomInvites } from './room-invites.ts';
import { StaySection } from './stay-section.ts';
import { t, Translate } from '../../ui/language.ts';

/** One room's settings: what its members may know of it, and what owners and moderators change (ROOM6, ROOM8, ROOM10, MSG5). */
@Component({
  selector: 'cv-room-settings',
  imports: [MatButton, RouterLink, PageHead, BansSection, NameSection, RoomInvites, RoomPasswordSection, StaySection, Translate],
  template: `
    <div class="page-body" data-testid="room-settings-page">
      <cv-page-head [heading]="view().name" />
      <p class="soft">
        {{ kind().about | t }} {{ standing() | t }}
        <a [routerLink]="['/rooms', room().id]">{{ 'Back to the room' | t }}</a>
      </p>
      <cv-room-invites [room]="room()" />
      @if (view().role !== 'member') {
        <cv-name-section [room]="room()" />
        <cv-bans-section [room]="room()" />
      }
      @if (view().role === 'owner') {
        <cv-stay-section [room]="room()" />
        @if (view().kind === 'password') {
          <cv-room-password-section [room]="room()" />
        }
        <section class="card stack">
          <h2>{{ 'The end of the room' | t }}</h2>
          <p class="soft">
            {{
              'Archived, nobody writes or joins any more, and members keep what they have. Only an administrator opens it again. Deleted, nothing of it is left on the server.'
                | t
            }}
          </p>
          <span class="row">
            <button matButton="outlined" (click)="archive()" data-testid="archive-room">{{ 'Archive…' | t }}</button>
            <button matButton="outlined" class="danger" (click)="destroy()" data-testid="delete-room">{{ 'Delete…' | t }}</button>
          </span>
        </section>
      }
    </div>
  `,
  styles: `
    .danger {
      --mat-button-outlined-label-text-color: var(--red);
    }
  `,
})
export class RoomSettings {
  readonly room = input.required<RoomHandle>();
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  readonly #router = inject(Router);
  protected readonly view = follow(() => this.room().view);
  protected readonly kind = computed(() => roomKinds[this.view().kind]);
  protected readonly standing = computed(
    () => ({ owner: 'You are an owner here.', moderator: 'You are a moderator here.', member: 'You are a member here.' })[this.view().role],
  );

  protected async archive(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Archive {name}?', { name: this.view().name }),
      text: [t('Nobody can write in it or join it from then on. Members keep what they have.')],
      yes: 'Archive',
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.room().administration.archive()))) await this.#router.navigateByUrl('/');
  }

  protected async destroy(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Delete {name}?', { name: this.view().name }),
      text: [
        t(
          'The room is gone for everybody, and what waits at the server is dropped. What members have on their devices they can still read.',
        ),
      ],
      yes: t('Delete room'),
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.room().administration.destroy()))) await this.#router.navigateByUrl('/');
  }
}
