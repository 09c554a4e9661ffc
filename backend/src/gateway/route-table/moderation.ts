import { NOWHERE, type Route } from './route.ts';

/** Signed by nobody: whoever is signed in is told so, whatever the room. */
const act = { statement: 'e30', signature: 'A'.repeat(86) };
const words = { device: NOWHERE, order: { ms: 0, counter: 0 }, signature: 'A'.repeat(86), statement: 'e30' };
const house = { nobody: 401, user: 403, moderator: 200, admin: 200 } as const;
const log = { nobody: 401, user: 403, admin: 200, scope: 'audit:read' } as const;

/** Stand before the rooms' routes: there bob gets a room of his own, and a say in it. */
export const moderationRoutes: Route[] = [
  { method: 'POST', path: '/api/rooms/{room}/moderation', body: act, nobody: 401, user: 400, admin: 400 },
  { method: 'POST', path: '/api/moderation', body: act, nobody: 401, user: 400, admin: 400 },
  {
    method: 'POST',
    path: '/api/moderation/acts',
    body: { act: 'unmute', room: null, user: NOWHERE },
    nobody: 401,
    user: 403,
    admin: 403,
    scope: 'moderation:write',
    token: 404,
  },
  // Who may not is told so, and why.
  {
    method: 'POST',
    path: '/api/moderation/preview',
    body: { act: 'ban', room: null, user: NOWHERE },
    nobody: 401,
    user: 200,
    moderator: 404,
    admin: 404,
  },
  { method: 'POST', path: '/api/reports', body: { room: NOWHERE, reason: 'spam', messages: [words] }, nobody: 401, user: 404, admin: 404 },
  { method: 'GET', path: '/api/moderation/reports?state=all', ...house },
  { method: 'GET', path: '/api/moderation/reports/{id}', ...house, moderator: 404, admin: 404 },
  { method: 'POST', path: '/api/moderation/reports/{id}/close', body: { state: 'dismissed' }, ...house, moderator: 404, admin: 404 },
  { method: 'GET', path: '/api/moderation/rooms?q=own', ...house },
  { method: 'GET', path: '/api/moderation/bans?q=ann', ...house },
  { method: 'GET', path: '/api/admin/audit?q=ann', ...log },
  { method: 'GET', path: '/api/admin/audit/check', ...log },
  { method: 'GET', path: '/api/admin/audit/export', ...log },
  { method: 'GET', path: '/api/admin/statistics/history', ...house, scope: 'statistics:read' },
  { method: 'GET', path: '/api/statistics', nobody: 401, user: 403, admin: 200, scope: 'statistics:read' },
];
