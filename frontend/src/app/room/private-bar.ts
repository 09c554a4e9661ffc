import { Component, computed, DestroyRef, inject, input, output, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { PrivatePerson, PrivateView } from '../../../../libs/client/src/views.ts';
import { Icon } from '../ui/icon.ts';
import { listed } from './notice-words.ts';

type Shown = Extract<PrivateView, { phase: 'proposed' | 'private' }>;

/** Above the timeline while a private conversation is proposed or goes on (MESH6): who is in it, and the way back. */
@Component({
  selector: 'cv-private-bar',
  imports: [Icon, MatButton, RouterLink],
  template: `
    <div role="status" data-testid="private-bar" [attr.data-phase]="view().phase">
      <cv-icon name="private" />
      <p>
        <strong>{{ title() }}</strong>
        <span class="soft">{{ words() }}</span>
      </p>
      @if (someLost()) {
        <a matButton routerLink="/reach">Reach them again</a>
      }
      <button matButton="outlined" (click)="leave.emit()" data-testid="leave-private">
        {{ view().phase === 'private' ? 'Back to the server' : 'Call it off' }}
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
    if (view.phase === 'proposed') return `Going private in ${Math.max(0, Math.ceil((view.until - this.#now()) / 1000))} s`;
    const others = view.people.filter(({ self }) => !self).map(({ name }) => name);
    return `Private, with ${listed(others)}`;
  });
  protected readonly words = computed(() => {
    const view = this.view();
    return view.phase === 'proposed' ? answers(view.people) : presence(view.people);
  });

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

const phrase = (names: string[], one: string, more: string): string =>
  names.length === 0 ? '' : `${listed(names)} ${names.length === 1 ? one : more}. `;

function answers(people: readonly PrivatePerson[]): string {
  const by = (answer: PrivatePerson['answer']) => people.filter((person) => person.answer === answer).map(({ name }) => name);
  return (
    phrase(by('yes'), 'comes along', 'come along') +
    phrase(by('asked'), 'has been asked', 'have been asked') +
    phrase(by('no'), 'stays', 'stay') +
    phrase(by('cannot'), 'cannot come: no direct connection', 'cannot come: no direct connection')
  ).trim();
}

function presence(people: Extract<PrivateView, { phase: 'private' }>['people']): string {
  const by = (reach: 'lost' | 'gone') => people.filter((person) => person.reach === reach).map(({ name }) => name);
  const missing =
    phrase(by('gone'), 'has gone back', 'have gone back') + phrase(by('lost'), 'cannot be reached now', 'cannot be reached now');
  return missing.trim() || 'You have left the server. What you write goes from browser to browser only.';
}
