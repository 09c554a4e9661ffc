import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { reportOf, whoMends, type Check, type Examination } from '../../../../libs/client/src/doctor/checks.ts';
import { CONCLAVE } from '../conclave.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { Icon } from '../ui/icon.ts';
import type { IconName } from '../ui/icons.ts';
import { PageHead } from '../ui/page-head.ts';
import { t, Translate } from '../ui/language.ts';

const shapes: { [S in Check['state']]: IconName } = {
  waiting: 'clock',
  running: 'connecting',
  ok: 'check',
  failed: 'failed',
  none: 'info',
};
const states: { [S in Check['state']]: string } = {
  waiting: 'Still to come',
  running: 'Trying…',
  ok: 'Works',
  failed: 'Does not work',
  none: 'Not there',
};

/** What a connection needs, tried one after the other, and who can mend what is missing (MESH8). */
@Component({
  selector: 'cv-doctor-page',
  imports: [CopyButton, Icon, MatButton, PageHead, RouterLink, Translate],
  templateUrl: './doctor-page.html',
  styleUrl: './doctor-page.scss',
})
export class DoctorPage {
  readonly #client = inject(CONCLAVE);
  readonly #begun = signal(new Date());
  protected readonly examination = signal<Examination>({ checks: [], done: false, verdict: '' });
  protected readonly withAddresses = signal(false);
  protected readonly tried = computed(
    () => this.examination().checks.filter(({ state }) => state !== 'waiting' && state !== 'running').length,
  );
  protected readonly troubled = computed(() => this.examination().checks.some(({ state }) => state === 'failed'));
  protected readonly report = computed(() => reportOf(this.examination(), this.#begun(), this.withAddresses()));
  protected readonly shapes = shapes;
  protected readonly states = states;
  protected readonly whoMends = whoMends;

  constructor() {
    this.examine();
  }

  protected examine(): void {
    this.#begun.set(new Date());
    void this.#client.examineConnection((examination) => this.examination.set(examination));
  }

  protected time({ ms }: Check): string {
    return ms === null ? '' : t(' in {ms} ms', { ms: Math.max(1, Math.round(ms)) });
  }
}
