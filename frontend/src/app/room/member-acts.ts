import { Component, computed, inject, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { RoomHandle } from '../../../../libs/client/src/index.ts';
import type { RoomRole } from '../../../../libs/protocol/src/rooms.ts';
import { follow } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { Toasts } from '../ui/toasts.ts';
import { AskAct } from '../ui/ask-act.ts';
import { t, Translate } from '../ui/language.ts';

const rank: { [R in RoomRole]: number } = { member: 0, moderator: 1, owner: 2 };

/** What an owner or moderator may do about one member of the room (MOD1, ROOM6). Nothing for who may do nothing. */
@Component({
  selector: 'cv-member-acts',
  imports: [MatButton, Translate],
  template: `
    @if (member(); as member) {
      @if (mayModerate() || mayAppoint()) {
        <section class="stack" [attr.aria-label]="'Moderation' | t">
          @if (mayAppoint()) {
            <label class="field">
              <span class="name">{{ 'In this room' | t }}</span>
              <select class="input" [value]="member.role" (change)="appoint($any($event.target).value)" data-testid="member-role">
                @for (each of roles; track each[0]) {
                  <option [value]="each[0]" [selected]="each[0] === member.role">{{ each[1] | t }}</option>
                }
              </select>
            </label>
          }
          @if (mayModerate()) {
            <span class="row">
              @if (member.muted) {
                <button matButton="outlined" (click)="unmute()" data-testid="unmute">{{ 'Let speak again' | t }}</button>
              } @else {
                <button matButton="outlined" (click)="ask('mute')" data-testid="mute">{{ 'Mute…' | t }}</button>
              }
              <button matButton="outlined" (click)="ask('kick')" data-testid="kick">{{ 'Put out…' | t }}</button>
              <button matButton="outlined" (click)="ask('ban')" data-testid="ban">{{ 'Ban…' | t }}</button>
            </span>
          }
        </section>
      }
    }
  `,
})
export class MemberActs {
  readonly room = input.required<RoomHandle>();
  readonly user = input.required<string>();
  readonly done = output();
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);
  readonly #ask = inject(AskAct);
  readonly #view = follow(() => this.room().view);
  readonly #roster = follow(() => this.room().roster);
  protected readonly roles: [RoomRole, string][] = [
    ['member', 'Member'],
    ['moderator', 'Moderator'],
    ['owner', 'Owner'],
  ];
  protected readonly member = computed(() => this.#roster().members.find(({ user, self }) => user === this.user() && !self) ?? null);
  protected readonly mayAppoint = computed(() => this.#view().role === 'owner' && this.#view().kind !== 'direct');
  protected readonly mayModerate = computed(() => {
    const member = this.member();
    return member !== null && this.#view().kind !== 'direct' && rank[this.#view().role] > rank[member.role];
  });

  protected async appoint(role: RoomRole): Promise<void> {
    const name = this.member()?.name ?? '';
    const sure =
      role !== 'owner' ||
      (await this.#confirm.ask({
        title: t('Make {name} an owner?', { name }),
        text: [t('An owner can do everything with the room, also delete it. You stay an owner until you change that yourself.')],
        yes: t('Make owner'),
      }));
    if (sure) await this.#toasts.attempt(() => this.room().administration.setRole(this.user(), role));
  }

  protected async ask(act: 'kick' | 'ban' | 'mute'): Promise<void> {
    const { moderation } = this.room();
    const [user, name] = [this.user(), this.member()?.name ?? ''];
    const done = await this.#ask.ask({
      act,
      name,
      where: t('this room'),
      preview: () => moderation.preview(act, user),
      perform: (reason, until) => (act === 'kick' ? moderation.kick(user, reason) : moderation[act](user, until, reason)),
    });
    if (done) this.done.emit();
  }

  protected async unmute(): Promise<void> {
    await this.#toasts.attempt(() => this.room().moderation.unmute(this.user()));
  }
}
