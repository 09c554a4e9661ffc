import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { ReportDetail } from '../../../../libs/protocol/src/moderation.ts';
import { CONCLAVE } from '../conclave.ts';
import { AskAct } from '../ui/ask-act.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { exactTime } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { reasonWords } from './report-words.ts';
import { t, Translate } from '../ui/language.ts';

/** One report: what was disclosed, that it is proved, and what to do (MOD3). */
@Component({
  selector: 'cv-report',
  imports: [Icon, MatButton, RouterLink, Translate],
  template: `
    <p>
      <a routerLink="/console/reports">{{ 'All reports' | t }}</a>
    </p>
    @if (report(); as report) {
      <section class="card stack" data-testid="report">
        <h2>
          {{ words[report.reason] | t }}: <bdi>{{ report.accused.displayName ?? 'somebody who is gone' | t }}</bdi>
        </h2>
        <p class="soft">
          {{
            'Reported by {displayName} on {exact}, from {roomName}.'
              | t
                : {
                    displayName: report.reporter.displayName ?? ('somebody who is gone' | t),
                    exact: exact(report.createdAt),
                    roomName: report.roomName ?? ('a room that is gone' | t),
                  }
          }}
        </p>
        @if (report.note) {
          <blockquote dir="auto">{{ report.note }}</blockquote>
        }
        @if (report.evidence.length) {
          <p class="proved">
            <cv-icon name="check" /> {{ 'Proved: each of these was signed by a device of the accused, word for word, in this room.' | t }}
          </p>
          <ul class="list" data-testid="evidence">
            @for (line of report.evidence; track line.mid) {
              <li class="line">
                <span class="words">
                  <span class="said" dir="auto">{{ line.text }}</span>
                  <span class="soft small">{{
                    '{exact}, from “{deviceName}”' | t: { exact: exact(line.writtenAt), deviceName: line.deviceName }
                  }}</span>
                </span>
              </li>
            }
          </ul>
        } @else {
          <p class="soft">{{ 'The evidence was deleted when the case was closed.' | t }}</p>
        }
      </section>
      @if (report.state === 'open') {
        <section class="card stack">
          <h2>{{ 'What to do' | t }}</h2>
          @if (report.accused.id; as user) {
            <span class="row">
              @if (report.room; as room) {
                <button matButton="outlined" (click)="act('kick', room, user)">{{ 'Put out of the room…' | t }}</button>
                <button matButton="outlined" (click)="act('ban', room, user)" data-testid="ban-from-room">
                  {{ 'Ban from the room…' | t }}
                </button>
              }
              <button matButton="outlined" class="danger" (click)="act('ban', null, user)">{{ 'Ban from the site…' | t }}</button>
            </span>
          }
          <label class="field">
            <span class="name"
              >{{ 'Note for the file' | t }} <span class="soft">{{ '(if you like)' | t }}</span></span
            >
            <input #note class="input" maxlength="1000" dir="auto" />
          </label>
          <span class="row">
            <button matButton="filled" [disabled]="busy()" (click)="close('acted', note.value)" data-testid="close-acted">
              {{ 'Close: acted on' | t }}
            </button>
            <button matButton="outlined" [disabled]="busy()" (click)="close('dismissed', note.value)" data-testid="close-dismissed">
              {{ 'Close: nothing wrong' | t }}
            </button>
          </span>
          <p class="hint">{{ 'Closing deletes the disclosed words from the server.' | t }}</p>
        </section>
      } @else {
        <p class="soft">
          {{ (report.state === 'acted' ? 'Acted on by {name}.' : 'Dismissed by {name}.') | t: { name: report.closedBy ?? '' } }}
          {{ report.closingNote }}
        </p>
      }
    } @else if (problem(); as text) {
      <p class="alert" role="alert">{{ text }}</p>
    } @else {
      <span class="skeleton"></span>
    }
  `,
  styleUrl: './table.scss',
  styles: `
    :host {
      display: grid;
      gap: 1rem;
    }
    .said {
      white-space: pre-line;
    }
    .proved {
      color: var(--brand);
    }
    blockquote {
      margin: 0;
      padding-inline-start: 0.875rem;
      border-inline-start: 3px solid var(--line-strong);
    }
  `,
})
export class ReportPage {
  readonly id = input.required<string>();
  readonly #console = inject(CONCLAVE).console;
  readonly #ask = inject(AskAct);
  readonly #toasts = inject(Toasts);
  protected readonly words = reasonWords;
  protected readonly exact = exactTime;
  protected readonly report = signal<ReportDetail | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => void this.#load(id));
    });
  }

  protected async act(act: 'kick' | 'ban', room: string | null, user: string): Promise<void> {
    const done = await this.#ask.ask({
      act,
      name: this.report()?.accused.displayName ?? '',
      where: room === null ? t('the audit log') : t('the room'),
      preview: () => this.#console.preview(act, room, user),
      perform: (reason, until) => this.#console.act(act, room, user, reason, until),
    });
    if (done) await this.#toasts.say(t('Done. Close the report when nothing is left to do.'));
  }

  protected async close(state: 'acted' | 'dismissed', note: string): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(() => this.#console.closeReport(this.id(), { state, note }));
    await this.#load(this.id());
    this.busy.set(false);
  }

  async #load(id: string): Promise<void> {
    try {
      this.report.set(await this.#console.report(id));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
