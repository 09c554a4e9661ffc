import { PASSWORD } from '../../testing/world.ts';
import type { Route } from './route.ts';

export const sessionsRoutes: Route[] = [
  { method: 'GET', path: '/api/me/sessions', nobody: 401, user: 200, admin: 200 },
  { method: 'DELETE', path: '/api/me/sessions', nobody: 401, user: 204, admin: 204 },
  { method: 'DELETE', path: '/api/me/sessions/{session}', nobody: 401, user: 404, admin: 404 },
  {
    method: 'PUT',
    path: '/api/me/password',
    body: { current: PASSWORD, password: 'too short' },
    nobody: 401,
    user: 400,
    guest: 403,
    admin: 400,
  },
  { method: 'GET', path: '/api/me/passkeys', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/me/passkeys/options', body: { password: PASSWORD }, nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/me/passkeys', body: { name: 'Key', response: {} }, nobody: 401, user: 400, admin: 400 },
  { method: 'PATCH', path: '/api/me/passkeys/{passkey}', body: { name: 'Key' }, nobody: 401, user: 404, admin: 404 },
  { method: 'DELETE', path: '/api/me/passkeys/{passkey}', nobody: 401, user: 404, admin: 404 },
];
