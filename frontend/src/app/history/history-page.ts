import { Component } from '@angular/core';
import { Translate } from '../ui/language.ts';
import { PageHead } from '../ui/page-head.ts';
import { ExportSection } from './export-section.ts';
import { ImportSection } from './import-section.ts';
import { RecoverySection } from './recovery-section.ts';

/** What outlives this device: the recovery phrase with its backup (E2E10), and one's history as a file (FIND4). */
@Component({
  selector: 'cv-history-page',
  imports: [ExportSection, ImportSection, PageHead, RecoverySection, Translate],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head [heading]="'Your history' | t" />
        <cv-recovery-section />
        <cv-export-section />
        <cv-import-section />
      </div>
    </div>
  `,
})
export class HistoryPage {}
