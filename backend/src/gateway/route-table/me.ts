import type { Route } from './route.ts';

export const meRoutes: Route[] = [
  { method: 'GET', path: '/api/me', nobody: 401, user: 200, admin: 200 },
  { method: 'PATCH', path: '/api/me', body: { about: 'Rows.', role: 'admin' }, nobody: 401, user: 400, admin: 400 },
  { method: 'PATCH', path: '/api/me', body: { about: 'Rows.' }, nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/me/status', body: { status: 'asleep' }, nobody: 401, user: 400, admin: 400 },
  { method: 'PUT', path: '/api/me/status', body: { status: 'busy', text: 'Baking' }, nobody: 401, user: 204, admin: 204 },
  { method: 'PUT', path: '/api/me/avatar', body: new Uint8Array(8), nobody: 401, user: 400, admin: 400 },
  { method: 'DELETE', path: '/api/me/avatar', nobody: 401, user: 204, admin: 204 },
  { method: 'GET', path: '/api/people/{user}', nobody: 401, user: 200, admin: 200 },
  { method: 'GET', path: '/api/avatars/{hash}', nobody: 401, user: 404, admin: 404 },
  { method: 'GET', path: '/api/me/export', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/me/deletion', body: { username: 'somebody else' }, nobody: 401, user: 400, admin: 400 },
  { method: 'GET', path: '/api/me/devices', nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/me/devices/{device}', body: {}, nobody: 401, user: 400, admin: 400 },
  { method: 'POST', path: '/api/me/devices/{device}/key-packages', body: { packages: [] }, nobody: 401, user: 404, admin: 200 },
  { method: 'GET', path: '/api/me/devices/{device}/key-packages', nobody: 401, user: 404, admin: 200 },
  { method: 'PUT', path: '/api/me/links/{mailbox}/{side}', body: { sealed: 'AAAA' }, nobody: 401, user: 204, admin: 204 },
  { method: 'GET', path: '/api/me/links/{mailbox}/{side}', nobody: 401, user: 200, admin: 200 },
  { method: 'DELETE', path: '/api/me/devices/{device}', nobody: 401, user: 404, admin: 204 },
];
