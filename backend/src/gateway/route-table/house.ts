import type { Route } from './route.ts';

export const houseRoutes: Route[] = [
  { method: 'GET', path: '/healthz', nobody: 200, user: 200, admin: 200 },
  { method: 'GET', path: '/readyz', nobody: 200, user: 200, admin: 200 },
  { method: 'GET', path: '/api/config', nobody: 200, user: 200, admin: 200 },
  { method: 'GET', path: '/api/site-logo', nobody: 404, user: 404, admin: 404 },
  // Nothing has left a token for the host of the server in these tests.
  { method: 'POST', path: '/api/host/proof', body: { nonce: 'A'.repeat(43) }, nobody: 404, user: 404, admin: 404 },
  { method: 'GET', path: '/api/admin/statistics', nobody: 401, user: 403, admin: 200, scope: 'statistics:read' },
];
