import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import type { StatisticsHistory } from '../../../../libs/protocol/src/console.ts';
import type { Statistics } from '../../../../libs/protocol/src/rest.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Plot, type Series } from './plot.ts';
import { t, Translate } from '../ui/language.ts';

const everyMs = 5_000;
type Sample = StatisticsHistory['samples'][number];

/** Live figures of the last hour (MOD4). Who wrote to whom is not among them: the server adds up, and clients report sums only. */
@Component({
  selector: 'cv-overview',
  imports: [Plot, Translate],
  template: `
    @if (problem(); as text) {
      <p class="alert" role="alert">{{ text }}</p>
    }
    @if (now(); as now) {
      <dl class="figures" data-testid="figures">
        @for (each of figures(now); track each[0]) {
          <div class="card">
            <dt class="soft small">{{ each[0] | t }}</dt>
            <dd>{{ each[1] }}</dd>
          </div>
        }
      </dl>
    } @else if (!problem()) {
      <span class="skeleton"></span>
    }
    @if (samples(); as samples) {
      <div class="plots">
        @for (plot of plots(); track plot.title) {
          <section class="card">
            <h2>{{ plot.title }}</h2>
            <cv-plot [series]="plot.series" />
          </section>
        }
      </div>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 1.25rem;
    }
    .figures {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
      gap: 0.75rem;
      margin: 0;
    }
    dd {
      margin: 0;
      font-size: 1.5rem;
      font-weight: 650;
      font-variant-numeric: tabular-nums;
    }
    .figures .card {
      padding: 0.75rem 1rem;
    }
    .plots {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr));
      gap: 0.75rem;
    }
    .skeleton {
      block-size: 9rem;
    }
  `,
})
export class Overview {
  readonly #console = inject(CONCLAVE).console;
  protected readonly now = signal<Statistics | null>(null);
  protected readonly samples = signal<Sample[] | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly plots = computed(() => {
    const line = (name: string, key: keyof Sample, strong = false): Series => ({
      name,
      values: (this.samples() ?? []).map((sample) => sample[key]),
      strong,
    });
    return [
      { title: t('Connections'), series: [line(t('Sockets'), 'sockets', true), line(t('People'), 'signedIn')] },
      { title: t('Messages'), series: [line(t('Direct'), 'direct', true), line(t('Relayed'), 'relayed')] },
      { title: t('Rooms with somebody in them'), series: [line(t('Rooms'), 'rooms', true)] },
      { title: t('Failed sign-ins'), series: [line(t('Failed'), 'failedLogins', true)] },
    ];
  });

  constructor() {
    void this.#load();
    const timer = setInterval(() => void this.#load(), everyMs);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }

  protected figures(now: Statistics): [string, number][] {
    return [
      [t('People signed in'), now.signedIn],
      [t('Connections'), now.sockets],
      [t('Accounts'), now.users],
      [t('Rooms'), now.rooms],
      [t('Envelopes waiting'), now.waitingEnvelopes],
      [t('Locked accounts'), now.lockedAccounts],
    ];
  }

  async #load(): Promise<void> {
    try {
      const [now, { samples }] = await Promise.all([this.#console.statistics(), this.#console.history()]);
      this.now.set(now);
      this.samples.set(samples);
      this.problem.set(null);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
