import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { AuditLine } from '../../../../libs/protocol/src/console.ts';
import { CONCLAVE } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { SearchField } from '../ui/search-field.ts';
import { exactTime } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { NextPage } from './next-page.ts';
import { Paged } from './paged.ts';
import { t, Translate } from '../ui/language.ts';

/** Every act of consequence, in a chain nobody changes unseen (MOD5). */
@Component({
  selector: 'cv-audit',
  imports: [Icon, MatButton, NextPage, SearchField, Translate],
  template: `
    <div class="filters">
      <cv-search-field [label]="'Search the audit log' | t" [placeholder]="'Who or what' | t" (typed)="paged.search($event)" />
      <label
        ><span class="visually-hidden">{{ 'Which acts' | t }}</span>
        <select class="input" (change)="act.set($any($event.target).value); paged.load()">
          <option value="">{{ 'All acts' | t }}</option>
          @for (each of acts(); track each) {
            <option [value]="each">{{ words(each) }}</option>
          }
        </select>
      </label>
    </div>
    <span class="row">
      <button matButton="outlined" [disabled]="checking()" (click)="check()" data-testid="check-audit">
        <cv-icon name="shield" /> {{ (checking() ? 'Checking…' : 'Check the chain') | t }}
      </button>
      <button matButton="outlined" (click)="save()" data-testid="export-audit"><cv-icon name="install" /> {{ 'Export' | t }}</button>
      <span class="soft small">{{ '{total} rows' | t: { total: total() } }}</span>
    </span>
    @if (verdict(); as verdict) {
      <p [class]="verdict.whole ? 'chip' : 'alert'" role="status" data-testid="audit-verdict">{{ verdict.text }}</p>
    }
    @if (paged.items(); as lines) {
      <ul class="list">
        @for (line of lines; track line.id) {
          <li class="line" data-testid="audit-line">
            <span class="words">
              <span class="name"
                >{{ words(line.act) }} <span class="soft small">#{{ line.id }}</span></span
              >
              <span class="soft small">{{ describe(line) }}</span>
            </span>
            <time class="soft small">{{ exact(line.at) }}</time>
          </li>
        } @empty {
          <li class="line soft">{{ 'Nothing fits.' | t }}</li>
        }
      </ul>
    }
    <cv-next-page [paged]="paged" />
  `,
  styleUrl: './table.scss',
})
export class Audit {
  readonly #console = inject(CONCLAVE).console;
  readonly #toasts = inject(Toasts);
  protected readonly act = signal('');
  protected readonly acts = signal<string[]>([]);
  protected readonly total = signal(0);
  protected readonly checking = signal(false);
  protected readonly verdict = signal<{ whole: boolean; text: string } | null>(null);
  protected readonly exact = exactTime;
  protected readonly paged = new Paged<AuditLine>(async (query) => {
    const act = this.act();
    const { lines, next, total, acts } = await this.#console.audit({ ...query, ...(act ? { act } : {}) });
    this.acts.set(acts);
    this.total.set(total);
    return { items: lines, next };
  });

  protected words(act: string): string {
    const text = act.replaceAll('-', ' ');
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  protected describe({ actorName, actor, subjectName, subject, detail }: AuditLine): string {
    const by = actorName ?? (actor ? t('somebody who is gone') : t('the server'));
    const more = Object.entries(detail).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
    return [t('by {by}', { by }), t('about {name}', { name: subjectName ?? subject }), ...more].join(' · ');
  }

  protected async check(): Promise<void> {
    this.checking.set(true);
    await this.#toasts.attempt(async () => {
      const { rows, brokenAt } = await this.#console.checkAudit();
      this.verdict.set(
        brokenAt === null
          ? { whole: true, text: t('Whole: {rows} rows, each follows on the one before.', { rows }) }
          : {
              whole: false,
              text: t('Broken at row {brokenAt}: it, or one before it, was changed or taken out. Compare with an export from before.', {
                brokenAt,
              }),
            },
      );
    });
    this.checking.set(false);
  }

  protected async save(): Promise<void> {
    await this.#toasts.attempt(async () => {
      const url = URL.createObjectURL(
        new Blob([(await this.#console.exportAudit()) as Uint8Array<ArrayBuffer>], { type: 'application/x-ndjson' }),
      );
      Object.assign(document.createElement('a'), { href: url, download: 'audit.ndjson' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    });
  }
}
