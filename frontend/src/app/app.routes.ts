import { inject } from '@angular/core';
import type { CanMatchFn, Routes } from '@angular/router';
import type { SessionView } from '../../../libs/client/src/index.ts';
import { Arrival } from './arrival.ts';
import { CONCLAVE } from './conclave.ts';

/** Each state of the session names the one family of screens there is; app.ts navigates anew whenever it changes. */
const when =
  (...states: SessionView['state'][]): CanMatchFn =>
  () =>
    states.includes(inject(CONCLAVE).session.value.state);

/** The address brought this along, and nobody has taken it yet. */
const brought =
  (what: 'problem' | 'reset'): CanMatchFn =>
  () =>
    inject(Arrival).has(what);

export const routes: Routes = [
  { path: '**', canMatch: [when('starting')], loadComponent: async () => (await import('./shell/starting.ts')).Starting },
  {
    path: '**',
    canMatch: [when('unsupported', 'unreachable', 'elsewhere')],
    loadComponent: async () => (await import('./shell/obstacle.ts')).Obstacle,
  },
  { path: '**', canMatch: [when('setup-needed')], title: 'Set up', loadComponent: async () => (await import('./account/setup.ts')).Setup },
  {
    path: 'register',
    canMatch: [when('signed-out')],
    title: 'Create your account',
    loadComponent: async () => (await import('./account/register.ts')).Register,
  },
  {
    path: 'sso',
    canMatch: [when('signed-out', 'ready', 'needs-device', 'locked')],
    title: 'Signing in',
    loadComponent: async () => (await import('./account/sso.ts')).Sso,
  },
  {
    path: '**',
    canMatch: [when('signed-out', 'ready', 'needs-device', 'locked'), brought('problem')],
    title: 'Signing in',
    loadComponent: async () => (await import('./account/sso.ts')).Sso,
  },
  {
    path: '**',
    canMatch: [when('signed-out', 'ready', 'needs-device', 'locked'), brought('reset')],
    title: 'New password',
    loadComponent: async () => (await import('./account/reset.ts')).Reset,
  },
  { path: '**', canMatch: [when('locked')], title: 'Locked', loadComponent: async () => (await import('./account/locked.ts')).Locked },
  { path: '**', canMatch: [when('signed-out')], title: 'Sign in', loadComponent: async () => (await import('./account/login.ts')).Login },
  {
    path: '**',
    canMatch: [when('needs-device')],
    title: 'Link this browser',
    loadComponent: async () => (await import('./account/needs-device.ts')).NeedsDevice,
  },
  {
    path: '',
    loadComponent: async () => (await import('./shell/shell.ts')).Shell,
    children: [
      { path: '', pathMatch: 'full', loadComponent: async () => (await import('./shell/nothing-open.ts')).NothingOpen },
      { path: 'rooms/:id', loadComponent: async () => (await import('./room/room-page.ts')).RoomPage },
      {
        path: 'rooms/:id/settings',
        title: 'Room settings',
        loadComponent: async () => (await import('./room/settings/settings-page.ts')).RoomSettingsPage,
      },
      { path: 'chat/:slug', loadComponent: async () => (await import('./directory/by-slug.ts')).BySlug },
      { path: 'people/:user/verify', title: 'Verify', loadComponent: async () => (await import('./people/verify-page.ts')).VerifyPage },
      { path: 'share', title: 'Send to…', loadComponent: async () => (await import('./share/share-page.ts')).SharePage },
      { path: 'search', title: 'Search', loadComponent: async () => (await import('./search/search-page.ts')).SearchPage },
      { path: 'history', title: 'Your history', loadComponent: async () => (await import('./history/history-page.ts')).HistoryPage },
      { path: 'directory', title: 'Find a room', loadComponent: async () => (await import('./directory/directory-page.ts')).DirectoryPage },
      { path: 'invite', title: 'Invite people', loadComponent: async () => (await import('./account/invites-page.ts')).InvitesPage },
      { path: 'profile', title: 'Your profile', loadComponent: async () => (await import('./account/profile-page.ts')).ProfilePage },
      { path: 'security', title: 'Security', loadComponent: async () => (await import('./account/security-page.ts')).SecurityPage },
      { path: 'devices', title: 'Your devices', loadComponent: async () => (await import('./account/devices-page.ts')).DevicesPage },
      { path: 'doctor', title: 'Connection doctor', loadComponent: async () => (await import('./connection/doctor-page.ts')).DoctorPage },
      { path: 'reach', title: 'Reach members', loadComponent: async () => (await import('./connection/reach-page.ts')).ReachPage },
      {
        path: 'settings/notices',
        title: 'Notices and sounds',
        loadComponent: async () => (await import('./notices/notices-page.ts')).NoticesPage,
      },
      { path: 'privacy', title: 'Privacy', loadComponent: async () => (await import('./connection/privacy-page.ts')).PrivacyPage },
      { path: 'console', loadChildren: async () => (await import('./console/console.routes.ts')).consoleRoutes },
      { path: 'about', title: 'About', loadComponent: async () => (await import('./account/about-page.ts')).AboutPage },
      { path: '**', redirectTo: '' },
    ],
  },
];
