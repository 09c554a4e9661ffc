import type { Route } from './route.ts';

/* Where no site hands over and no guests are taken, as here, the doors are there and lead nowhere. */
export const handoffRoutes: Route[] = [
  { method: 'POST', path: '/api/auth/handoff', body: { jwt: 'x' }, nobody: 404, user: 404, admin: 404 },
  { method: 'POST', path: '/sso', body: {}, nobody: 303, user: 303, admin: 303 },
  { method: 'POST', path: '/api/auth/guest', body: { name: 'Gus' }, nobody: 403, user: 403, admin: 403 },
  {
    method: 'PATCH',
    path: '/api/handoff/subjects/{issuer}/{subject}',
    body: { vip: true },
    nobody: 401,
    user: 403,
    admin: 404,
    scope: 'handoff:write',
  },
  { method: 'DELETE', path: '/api/handoff/subjects/{issuer}/{subject}', nobody: 401, user: 403, admin: 204, scope: 'handoff:write' },
];
