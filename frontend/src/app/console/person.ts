import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';
import type { AccountDetail } from '../../../../libs/protocol/src/accounts.ts';
import type { Role } from '../../../../libs/protocol/src/person.ts';
import { CONCLAVE } from '../conclave.ts';
import { AskAct } from '../ui/ask-act.ts';
import { untilWords } from '../ui/until-words.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { Switch } from '../ui/switch.ts';
import { exactTime, fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

/** One account: role, lock, ban, one-time link, sessions, devices (ACC14, MOD4). */
@Component({
  selector: 'cv-console-person',
  imports: [Avatar, CopyButton, Icon, MatButton, RouterLink, Switch, Translate],
  templateUrl: './person.html',
  styleUrl: './table.scss',
  styles: `
    :host {
      display: grid;
      gap: 1rem;
    }
    .face {
      display: flex;
      align-items: center;
      gap: 1rem;
      --avatar-size: 3.5rem;
    }
  `,
})
export class PersonPage {
  readonly id = input.required<string>();
  readonly #console = inject(CONCLAVE).console;
  readonly #ask = inject(AskAct);
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  readonly #router = inject(Router);
  protected readonly account = signal<AccountDetail | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly link = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly roles: [Role, string][] = [
    ['user', 'No role'],
    ['moderator', 'Moderator: reports, bans, rooms'],
    ['admin', 'Administrator: everything'],
  ];
  protected readonly exact = exactTime;
  protected readonly until = untilWords;
  protected readonly ago = (at: number): string => fromNow(at, Date.now());

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => void this.#load(id));
    });
  }

  protected async appoint(role: Role): Promise<void> {
    const text = [t('Their sessions end, and they sign in again with the new role.')];
    if (
      await this.#confirm.ask({
        title: t('Change the role of {displayName}?', { displayName: this.account()!.displayName }),
        text,
        yes: 'Change',
      })
    )
      await this.#do(() => this.#console.changeAccount(this.id(), { role }));
    else await this.#load(this.id());
  }
  protected vip(vip: boolean): Promise<void> {
    return this.#do(() => this.#console.changeAccount(this.id(), { vip }));
  }
  protected async lock(): Promise<void> {
    const text = [t('They are signed out everywhere and cannot sign in until somebody unlocks the account. Their rooms stay theirs.')];
    if (
      await this.#confirm.ask({
        title: t('Lock {displayName}?', { displayName: this.account()!.displayName }),
        text,
        yes: 'Lock',
        danger: true,
      })
    )
      await this.#do(() => this.#console.lockAccount(this.id(), ''));
  }
  protected unlock(): Promise<void> {
    return this.#do(() => this.#console.unlockAccount(this.id()));
  }
  protected async ban(): Promise<void> {
    await this.#ask.ask({
      act: 'ban',
      name: this.account()!.displayName,
      where: t('the audit log'),
      preview: () => this.#console.preview('ban', null, this.id()),
      perform: (reason, until) => this.#console.act('ban', null, this.id(), reason, until),
    });
    await this.#load(this.id());
  }
  protected reset(): Promise<void> {
    return this.#do(async () => this.link.set(`${location.origin}/#reset=${(await this.#console.resetLink(this.id())).secret}`));
  }
  protected async remove(): Promise<void> {
    const text = [
      t('The account, its devices and memberships are gone for good. What they wrote stays on the devices of those who read it.'),
    ];
    if (
      !(await this.#confirm.ask({
        title: t('Delete {displayName}?', { displayName: this.account()!.displayName }),
        text,
        yes: t('Delete account'),
        danger: true,
      }))
    )
      return;
    if (await this.#toasts.attempt(() => this.#console.deleteAccount(this.id()))) await this.#router.navigateByUrl('/console/people');
  }
  protected endSession(session: string): Promise<void> {
    return this.#do(() => this.#console.endSession(this.id(), session));
  }
  protected endSessions(): Promise<void> {
    return this.#do(() => this.#console.endSessions(this.id()));
  }
  protected removeDevice(device: string): Promise<void> {
    return this.#do(() => this.#console.removeDevice(this.id(), device));
  }

  async #do(deed: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(deed);
    await this.#load(this.id());
    this.busy.set(false);
  }
  async #load(id: string): Promise<void> {
    try {
      this.account.set(await this.#console.account(id));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
