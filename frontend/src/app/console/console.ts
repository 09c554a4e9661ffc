import { Component, computed, inject } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import type { IconName } from '../ui/icons.ts';
import { PageHead } from '../ui/page-head.ts';
import { Translate } from '../ui/language.ts';

type Tab = { path: string; words: string; icon: IconName; admin: boolean };

const tabs: Tab[] = [
  { path: 'overview', words: 'Overview', icon: 'chart', admin: false },
  { path: 'reports', words: 'Reports', icon: 'flag', admin: false },
  { path: 'rooms', words: 'Rooms', icon: 'door', admin: false },
  { path: 'bans', words: 'Bans', icon: 'block', admin: false },
  { path: 'people', words: 'People', icon: 'people', admin: true },
  { path: 'audit', words: 'Audit log', icon: 'shield', admin: true },
];

/** What moderators and administrators of the site see and do (MOD4). Nothing here is anybody's words but what was reported. */
@Component({
  selector: 'cv-console',
  imports: [RouterLink, RouterLinkActive, RouterOutlet, Icon, PageHead, Translate],
  template: `
    <div class="page" data-testid="console">
      <div class="page-body">
        <cv-page-head [heading]="'Console' | t" />
        <nav [attr.aria-label]="'Console' | t">
          @for (tab of tabs(); track tab.path) {
            <a
              [routerLink]="['/console', tab.path]"
              routerLinkActive="active"
              ariaCurrentWhenActive="page"
              [attr.data-testid]="'console-' + tab.path"
              ><cv-icon [name]="tab.icon" /> {{ tab.words | t }}</a
            >
          }
        </nav>
        <router-outlet />
      </div>
    </div>
  `,
  styles: `
    .page-body {
      max-inline-size: 64rem;
    }
    nav {
      display: flex;
      gap: 0.25rem;
      overflow-x: auto;
      border-block-end: 1px solid var(--line);
    }
    nav a {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      flex: none;
      min-block-size: 2.75rem;
      padding: 0 0.875rem;
      border-block-end: 3px solid transparent;
      color: var(--ink-soft);
      font-weight: 600;
      text-decoration: none;
    }
    nav a.active {
      border-color: var(--brand);
      color: var(--ink);
    }
  `,
})
export class ConsolePage {
  readonly #session = toSignal(inject(CONCLAVE).session);
  protected readonly tabs = computed(() => {
    const session = this.#session();
    const role = session.state === 'ready' ? session.user.role : 'user';
    return tabs.filter(({ admin }) => role === 'admin' || (role === 'moderator' && !admin));
  });
}
