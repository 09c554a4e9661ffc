import type { Route } from './route.ts';

const id = 'A'.repeat(22);

/** In this order: what is set up gets its parts, is read and dropped. */
export const backupsRoutes: Route[] = [
  { method: 'PUT', path: '/api/backup', body: { phrase: id, keys: '', snapshot: null }, nobody: 401, user: 400, admin: 400 },
  { method: 'PUT', path: '/api/backup', body: { phrase: id, keys: 'AAAA', snapshot: null }, nobody: 401, user: 200, admin: 200 },
  { method: 'GET', path: '/api/backup', nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/backup/parts/{snapshot}/{n}', body: new Uint8Array(8), nobody: 401, user: 204, admin: 204 },
  // Not named yet: nobody reads it.
  { method: 'GET', path: '/api/backup/parts/{snapshot}/{n}', nobody: 401, user: 404, admin: 404 },
  { method: 'DELETE', path: '/api/backup', nobody: 401, user: 204, admin: 204 },
];
