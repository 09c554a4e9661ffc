import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { SafetyNumber } from '../../../../libs/client/src/site/verification.ts';
import { TakeText } from '../ui/take-text.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { Qr } from '../ui/qr.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

/** Whether one talks to who one thinks (E2E4): the same number, pictures or QR code on both screens, and a mark. */
@Component({
  selector: 'cv-verify-page',
  imports: [MatButton, Icon, PageHead, Qr, TakeText, Translate],
  template: `
    <div class="page">
      <div class="page-body" data-testid="verify-page">
        @if (number(); as number) {
          <cv-page-head [heading]="'Verify {name}' | t: { name: number.name }" />
          @if (number.changed) {
            <p class="banner" role="status">
              <cv-icon name="key" />
              {{ '{name} has a new account key. Compare again before you write to them.' | t: { name: number.name } }}
            </p>
          }
          <p class="soft">
            {{
              'Compare with {name}, face to face or by phone: both of you must see the same. Then nobody stands between you, not even whoever runs this server.'
                | t: { name: number.name }
            }}
          </p>
          <section class="card both">
            <cv-qr [text]="number.code" [label]="'Code for the other’s camera' | t" />
            <div class="stack">
              <p class="digits" data-testid="safety-number" [attr.aria-label]="'Safety number' | t">
                @for (group of number.groups; track $index) {
                  <span>{{ group }}</span>
                }
              </p>
              <p class="row">
                @if (number.verified) {
                  <span class="chip"><cv-icon name="check" /> {{ 'You have verified {name}' | t: { name: number.name } }}</span>
                  <button matButton="outlined" [disabled]="busy()" (click)="mark(false)" data-testid="unmark">
                    {{ 'Take the mark back' | t }}
                  </button>
                } @else {
                  <button matButton="filled" [disabled]="busy()" (click)="mark(true)" data-testid="mark-verified">
                    <cv-icon name="check" /> {{ 'They are the same' | t }}
                  </button>
                }
              </p>
            </div>
          </section>
          <section class="card stack">
            <h2>{{ 'Or compare pictures' | t }}</h2>
            <ol class="emoji" data-testid="safety-emoji">
              @for (each of number.emoji; track $index) {
                <li>
                  <span aria-hidden="true">{{ each.emoji }}</span><span class="small soft">{{ each.name }}</span>
                </li>
              }
            </ol>
          </section>
          <section class="card">
            <cv-take-text
              [heading]="'Or let this device compare' | t"
              [label]="'Their code: scanned, or their digits pasted' | t"
              button="Compare"
              [busy]="busy()"
              (taken)="compare($event)"
            />
            @if (verdict(); as verdict) {
              <p [class]="verdict.same ? 'chip' : 'alert'" role="alert" data-testid="verdict">{{ verdict.words }}</p>
            }
          </section>
        } @else if (problem(); as text) {
          <cv-page-head [heading]="'Verify' | t" />
          <p class="alert" role="alert">{{ text }}</p>
        } @else {
          <cv-page-head [heading]="'Verify' | t" />
          <span class="skeleton"></span>
        }
      </div>
    </div>
  `,
  styles: `
    .both {
      display: flex;
      flex-wrap: wrap;
      gap: 1.5rem;
    }
    .both > .stack {
      flex: 1;
      min-inline-size: 14rem;
      align-content: space-between;
    }
    .digits {
      display: grid;
      grid-template-columns: repeat(4, max-content);
      gap: 0.25rem 1.25rem;
      font:
        600 1.125rem/1.6 ui-monospace,
        'Cascadia Mono',
        Menlo,
        monospace;
      user-select: all;
    }
    .emoji {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr));
      gap: 0.75rem 0.5rem;
      margin: 0;
      padding: 0;
      list-style: none;
    }
    .emoji li {
      display: grid;
      justify-items: center;
      text-align: center;
      font-size: 1.75rem;
      line-height: 1.3;
    }
    .banner {
      display: flex;
      gap: 0.75rem;
      padding: 0.75rem 1rem;
      border-radius: 0.75rem;
      background: var(--amber-soft);
      color: var(--amber);
    }
    .skeleton {
      block-size: 12rem;
    }
  `,
})
export class VerifyPage {
  readonly user = input.required<string>();
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly number = signal<SafetyNumber | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly verdict = signal<{ same: boolean; words: string } | null>(null);

  constructor() {
    effect(() => {
      const user = this.user();
      untracked(() => void this.#load(user));
    });
  }

  protected async mark(on: boolean): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(() => this.#client.verification.mark(this.user(), this.number()!.groups, on));
    await this.#load(this.user());
    this.busy.set(false);
  }

  protected async compare(code: string): Promise<void> {
    let same = false;
    if (!(await this.#toasts.attempt(async () => void (same = await this.#client.verification.matches(this.user(), code))))) return;
    const name = this.number()?.name ?? '';
    this.verdict.set(
      same
        ? { same, words: t('The same: this is {name}’s key.', { name }) }
        : {
            same,
            words: t(
              `Not the same. Do not write anything secret: look whether you both compare each other, and tell whoever runs this site.`,
            ),
          },
    );
    if (same) await this.mark(true);
  }

  async #load(user: string): Promise<void> {
    try {
      this.number.set(await this.#client.verification.of(user));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
