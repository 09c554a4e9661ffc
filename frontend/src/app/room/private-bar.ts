import { Component, computed, DestroyRef, inject, input, output, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { PrivatePerson, PrivateView } from '../../../../libs/client/src/index.ts';
import { Icon } from '../ui/icon.ts';
import { listed } from './notice-words.ts';
import { t, Translate } from '../ui/language.ts';

type Shown = Exclude<PrivateView, { phase: 'asked' }>;

/** Above the timeline while a private conversation is proposed, consented to, or goes on (MESH6): who is in it, and the way back. */
@Component({
  selector: 'cv-private-bar',
  imports: [Icon, MatButton, RouterLink, Translate],
  template: `
    <div role="status" data-testid="private-bar" [attr.data-phase]="view().phase">
      <cv-icon name="private" />
      <p>
        <strong>{{ title() }}</strong>
        <span class="soft">{{ words() }}</span>
      </p>
      @if (someLost()) {
        <a matButton routerLink="/reach">{{ 'Reach them again' | t }}</a>
      }
      <button matButton="outlined" (click)="leave.emit()" data-testid="leave-private">
        {{ back() }}
      </button>
    </div>
  `,
  styles: `
    div {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      padding: 0.5rem 1.25rem;
      border-block-end: 1px solid var(--line);
      background: var(--brand-soft);
      color: var(--on-brand-soft);
      font-size: 0.875rem;
      line-height: 1.35;
      --mat-button-text-label-text-color: currentColor;
      --mat-button-outlined-label-text-color: currentColor;
      --mat-button-outlined-outline-color: currentColor;
    }
    p {
      flex: 1;
      min-inline-size: 0;
    }
    strong {
      display: block;
    }
    .soft {
      color: inherit;
    }
    button {
      flex: none;
    }
    @media (max-width: 30rem) {
      div {
        flex-wrap: wrap;
        padding-inline: 0.875rem;
      }
      p {
        min-inline-size: 70%;
      }
      button {
        margin-inline-start: auto;
      }
    }
  `,
})
export class PrivateBar {
  readonly view = input.required<Shown>();
  readonly leave = output();
  readonly #now = signal(Date.now());

  protected readonly title = computed(() => {
    const view = this.view();
    if (view.phase === 'consented') return t('Going private with {by}', { by: view.by });
    if (view.phase === 'proposed') return t('Going private in {now} s', { now: Math.max(0, Math.ceil((view.until - this.#now()) / 1000)) });
    const others = view.people.filter(({ self }) => !self).map(({ name }) => name);
    return t('Private, with {listed}', { listed: listed(others) });
  });
  protected readonly words = computed(() => {
    const view = this.view();
    if (view.phase === 'consented') return t('The others are being asked. It begins as soon as everybody has answered.');
    return view.phase === 'proposed' ? answers(view.people) : presence(view.people);
  });
  protected readonly back = computed(
    () => ({ private: t('Back to the server'), proposed: t('Call it off'), consented: t('Stay after all') })[this.view().phase],
  );

  /** The link to somebody is gone, and no server can make a new one: people carry it. */
  protected readonly someLost = computed(() => {
    const view = this.view();
    return view.phase === 'private' && view.people.some(({ reach }) => reach === 'lost');
  });

  constructor() {
    const clock = setInterval(() => this.#now.set(Date.now()), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(clock));
  }
}

function answers(people: readonly PrivatePerson[]): string {
  const by = (answer: PrivatePerson['answer']) => people.filter((person) => person.answer === answer).map(({ name }) => name);
  const [yes, asked, no, cannot] = [by('yes'), by('asked'), by('no'), by('cannot')];
  return [
    some(yes, (names) => t(yes.length === 1 ? '{names} comes along.' : '{names} come along.', { names })),
    some(asked, (names) => t(asked.length === 1 ? '{names} has been asked.' : '{names} have been asked.', { names })),
    some(no, (names) => t(no.length === 1 ? '{names} stays.' : '{names} stay.', { names })),
    some(cannot, (names) => t('{names} cannot come: no direct connection.', { names })),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Nothing where there is nobody. */
const some = (names: string[], words: (names: string) => string): string => (names.length === 0 ? '' : words(listed(names)));

function presence(people: Extract<PrivateView, { phase: 'private' }>['people']): string {
  const by = (reach: 'lost' | 'gone') => people.filter((person) => person.reach === reach).map(({ name }) => name);
  const [gone, lost] = [by('gone'), by('lost')];
  const missing = [
    some(gone, (names) => t(gone.length === 1 ? '{names} has gone back.' : '{names} have gone back.', { names })),
    some(lost, (names) => t('{names} cannot be reached now.', { names })),
  ];
  return missing.filter(Boolean).join(' ') || t('You have left the server. What you write goes from browser to browser only.');
}
