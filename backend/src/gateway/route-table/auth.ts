import { PASSWORD } from '../../testing/world.ts';
import { NOWHERE, type Route } from './route.ts';

const signed = { device: NOWHERE, challenge: 'A'.repeat(43), signature: 'A'.repeat(86) };

export const authRoutes: Route[] = [
  {
    method: 'POST',
    path: '/api/setup',
    body: { token: 'x', username: 'eve', displayName: 'Eve', password: PASSWORD },
    nobody: 403,
    user: 403,
    admin: 403,
  },
  {
    method: 'POST',
    path: '/api/auth/register',
    body: { username: 'eve', displayName: 'Eve', password: PASSWORD },
    nobody: 403,
    user: 403,
    admin: 403,
  },
  { method: 'POST', path: '/api/auth/login', body: { username: 'eve', password: 'x' }, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/refresh', body: {}, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/logout', body: {}, nobody: 204, user: 204, admin: 204 },
  { method: 'POST', path: '/api/auth/ticket', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/auth/passkey/options', body: {}, nobody: 200, user: 200, admin: 200 },
  { method: 'POST', path: '/api/auth/passkey', body: { response: {} }, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/device/challenge', body: { device: NOWHERE }, nobody: 200, user: 200, admin: 200 },
  { method: 'POST', path: '/api/auth/device', body: signed, nobody: 401, user: 401, admin: 401 },
  { method: 'POST', path: '/api/auth/reset', body: { secret: 'x', password: PASSWORD }, nobody: 403, user: 403, admin: 403 },
  { method: 'GET', path: '/api/invites', nobody: 401, user: 403, admin: 200, scope: 'invites:write' },
  { method: 'POST', path: '/api/invites', body: {}, nobody: 401, user: 403, admin: 201, scope: 'invites:write' },
  { method: 'DELETE', path: '/api/invites/{id}', nobody: 401, user: 403, admin: 204, scope: 'invites:write' },
];
