import { Component, computed, inject, Injectable, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialog,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogRef,
  MatDialogTitle,
} from '@angular/material/dialog';
import { Router } from '@angular/router';
import type { RoomHandle, Standing } from '../../../../libs/client/src/index.ts';
import type { Profile } from '../../../../libs/protocol/src/accounts.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { statusWords } from '../ui/status-words.ts';
import { Toasts } from '../ui/toasts.ts';
import { MemberActs } from './member-acts.ts';
import { Translate } from '../ui/language.ts';

type Shown = { user: string; room: RoomHandle | null };

@Component({
  imports: [Avatar, Icon, MatButton, MemberActs, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    @if (profile(); as person) {
      <div class="face">
        <cv-avatar [id]="person.id" [name]="person.displayName" [image]="person.avatar" [status]="standingNow?.status ?? null" />
        <div>
          <h2 mat-dialog-title>
            <bdi>{{ person.displayName }}</bdi>
          </h2>
          <p class="soft">{{ person.username }}{{ standing(person) }}</p>
          @if (standingNow; as now) {
            <p class="soft" dir="auto" data-testid="person-status">{{ statusWords(now.status, now.statusText) }}</p>
          }
        </div>
      </div>
      <mat-dialog-content class="stack">
        @if (person.about) {
          <p class="about" dir="auto">{{ person.about }}</p>
        }
        @if (person.link; as link) {
          <p>
            <a [href]="link" target="_blank" rel="noopener noreferrer nofollow">{{ link }}</a>
          </p>
        }
        @if (!self) {
          <span class="row">
            <button matButton="tonal" (click)="direct()" [disabled]="blocked()" data-testid="direct-message">
              <cv-icon name="chat" /> {{ 'Message' | t }}
            </button>
            <button matButton="tonal" (click)="verify()" data-testid="verify"><cv-icon name="key" /> {{ 'Verify' | t }}</button>
            <button matButton (click)="block(!blocked())" data-testid="block">
              <cv-icon name="block" /> {{ (blocked() ? 'Unblock' : 'Block') | t }}
            </button>
          </span>
          @if (blocked()) {
            <p class="hint">{{ 'Blocked: they cannot write to you directly, and what they write in shared rooms is folded.' | t }}</p>
          }
        }
        @if (shown.room; as room) {
          <cv-member-acts [room]="room" [user]="person.id" (done)="close()" />
        }
      </mat-dialog-content>
    } @else if (problem()) {
      <mat-dialog-content>
        <p class="alert" role="alert">{{ problem() }}</p>
      </mat-dialog-content>
    } @else {
      <mat-dialog-content><span class="skeleton"></span></mat-dialog-content>
    }
    <mat-dialog-actions align="end"
      ><button matButton mat-dialog-close cdkFocusInitial>{{ 'Close' | t }}</button></mat-dialog-actions
    >
  `,
  styles: `
    .face {
      display: flex;
      align-items: center;
      gap: 1rem;
      padding: 1.5rem 1.5rem 0;
      --avatar-size: 4rem;
    }
    h2 {
      padding: 0;
    }
    h2::before {
      display: none;
    }
    .about {
      white-space: pre-line;
      overflow-wrap: anywhere;
    }
    a {
      overflow-wrap: anywhere;
    }
  `,
})
class PersonCard {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #dialog = inject(MatDialogRef<PersonCard>);
  protected readonly shown = inject<Shown>(MAT_DIALOG_DATA);
  protected readonly profile = signal<Profile | null>(null);
  protected readonly problem = signal<string | null>(null);
  readonly #blocks = toSignal(this.#client.blocks.users);
  protected readonly blocked = computed(() => this.#blocks().has(this.shown.user));
  protected readonly self: boolean;
  protected readonly statusWords = statusWords;
  /** By the room it was opened from, or their conversation with oneself. */
  protected readonly standingNow: Standing | null;

  constructor() {
    const session = this.#client.session.value;
    this.self = session.state === 'ready' && session.user.id === this.shown.user;
    const { user, room } = this.shown;
    this.standingNow =
      room?.roster.value.members.find((member) => member.user === user) ??
      this.#client.rooms.value.find((line) => line.with?.user === user)?.with ??
      null;
    this.#client.account.of(this.shown.user).then(
      (profile) => this.profile.set(profile),
      (error: unknown) => this.problem.set(errorWords(error)),
    );
  }

  protected standing({ role, guest, vip }: Profile): string {
    if (role !== 'user') return role === 'admin' ? ' · administrator' : ' · moderator';
    return guest ? ' · guest' : vip ? ' · VIP' : '';
  }
  protected close(): void {
    this.#dialog.close();
  }
  protected async direct(): Promise<void> {
    await this.#toasts.attempt(async () => {
      const room = await this.#client.direct(this.shown.user);
      this.close();
      await this.#router.navigate(['/rooms', room]);
    });
  }
  protected verify(): void {
    this.close();
    void this.#router.navigate(['/people', this.shown.user, 'verify']);
  }
  protected async block(on: boolean): Promise<void> {
    const { blocks } = this.#client;
    await this.#toasts.attempt(() => (on ? blocks.block(this.shown.user) : blocks.unblock(this.shown.user)));
  }
}

/** Shows what a person says of themselves (ACC12), and what one may do about them. */
@Injectable({ providedIn: 'root' })
export class PersonCards {
  readonly #dialog = inject(MatDialog);

  show(user: string, room: RoomHandle | null = null): void {
    this.#dialog.open(PersonCard, { data: { user, room } satisfies Shown, width: '26rem', maxWidth: 'calc(100vw - 2rem)' });
  }
}
