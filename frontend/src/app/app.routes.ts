import { inject } from '@angular/core';
import type { CanMatchFn, Routes } from '@angular/router';
import type { SessionView } from '../../../libs/client/src/views.ts';
import { CONCLAVE } from './conclave.ts';

/** Each state of the session names the one family of screens there is; app.ts navigates anew whenever it changes. */
const when =
  (...states: SessionView['state'][]): CanMatchFn =>
  () =>
    states.includes(inject(CONCLAVE).session.value.state);

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
      { path: 'directory', title: 'Find a room', loadComponent: async () => (await import('./directory/directory-page.ts')).DirectoryPage },
      { path: 'invite', title: 'Invite people', loadComponent: async () => (await import('./account/invites-page.ts')).InvitesPage },
      { path: 'devices', title: 'Your devices', loadComponent: async () => (await import('./account/devices-page.ts')).DevicesPage },
      { path: 'doctor', title: 'Connection doctor', loadComponent: async () => (await import('./connection/doctor-page.ts')).DoctorPage },
      { path: 'reach', title: 'Reach members', loadComponent: async () => (await import('./connection/reach-page.ts')).ReachPage },
      { path: 'privacy', title: 'Privacy', loadComponent: async () => (await import('./connection/privacy-page.ts')).PrivacyPage },
      { path: 'about', title: 'About', loadComponent: async () => (await import('./account/about-page.ts')).AboutPage },
      { path: '**', redirectTo: '' },
    ],
  },
];
