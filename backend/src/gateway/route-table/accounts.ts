import type { Route } from './route.ts';

const read = { nobody: 401, user: 403, admin: 200, scope: 'accounts:read' } as const;
const write = { nobody: 401, user: 403, admin: 204, scope: 'accounts:write' } as const;
const account = '/api/admin/accounts/{user}';

/** `user` is another account for each caller, since most of these leave it changed or gone. */
export const accountsRoutes: Route[] = [
  { method: 'GET', path: '/api/admin/accounts?q=ann', ...read },
  { method: 'POST', path: '/api/admin/accounts', body: { username: 'eve' }, ...write, admin: 201, token: 409 },
  { method: 'POST', path: '/api/admin/accounts', body: { username: 'second', role: 'admin' }, ...write, admin: 201, token: 403 },
  { method: 'GET', path: account, ...read },
  { method: 'PATCH', path: account, body: { role: 'moderator' }, ...write, admin: 200 },
  { method: 'PATCH', path: account, body: { role: 'admin' }, ...write, admin: 200, token: 403 },
  { method: 'POST', path: `${account}/lock`, body: {}, ...write, admin: 200 },
  { method: 'POST', path: `${account}/unlock`, ...write, admin: 200 },
  { method: 'POST', path: `${account}/reset`, ...write, admin: 201 },
  { method: 'DELETE', path: account, ...write },
  { method: 'GET', path: `${account}/sessions`, ...read },
  { method: 'DELETE', path: `${account}/sessions`, ...write },
  { method: 'DELETE', path: `${account}/sessions/{session}`, ...write, admin: 404 },
  { method: 'GET', path: `${account}/devices`, ...read },
  { method: 'DELETE', path: `${account}/devices/{device}`, ...write, admin: 404 },
  { method: 'GET', path: '/api/admin/tokens', nobody: 401, user: 403, admin: 200 },
  { method: 'POST', path: '/api/admin/tokens', body: { name: 'x', scopes: ['accounts:read'] }, nobody: 401, user: 403, admin: 201 },
  { method: 'DELETE', path: '/api/admin/tokens/{id}', nobody: 401, user: 403, admin: 404 },
];
