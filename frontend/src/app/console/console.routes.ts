import type { Routes } from '@angular/router';
import { ConsolePage } from './console.ts';

/** Loaded only by who opens it. */
export const consoleRoutes: Routes = [
  {
    path: '',
    component: ConsolePage,
    children: [
      { path: '', pathMatch: 'full', redirectTo: 'overview' },
      { path: 'overview', title: 'Overview', loadComponent: async () => (await import('./overview.ts')).Overview },
      { path: 'reports', title: 'Reports', loadComponent: async () => (await import('./reports.ts')).Reports },
      { path: 'reports/:id', title: 'Report', loadComponent: async () => (await import('./report.ts')).ReportPage },
      { path: 'rooms', title: 'Rooms', loadComponent: async () => (await import('./rooms.ts')).Rooms },
      { path: 'bans', title: 'Bans', loadComponent: async () => (await import('./bans.ts')).Bans },
      { path: 'people', title: 'People', loadComponent: async () => (await import('./people.ts')).People },
      { path: 'people/:id', title: 'Account', loadComponent: async () => (await import('./person.ts')).PersonPage },
      { path: 'audit', title: 'Audit log', loadComponent: async () => (await import('./audit.ts')).Audit },
    ],
  },
];
