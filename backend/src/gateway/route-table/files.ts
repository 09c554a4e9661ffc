import type { Route } from './route.ts';

const id = 'A'.repeat(22);

/** In this order: what is begun is filled, read and dropped. */
export const filesRoutes: Route[] = [
  { method: 'POST', path: '/api/rooms/{room}/files', body: { id, size: 100 }, nobody: 401, user: 404, admin: 200 },
  { method: 'GET', path: '/api/rooms/{room}/files/{file}/parts', nobody: 401, user: 404, admin: 200 },
  { method: 'PUT', path: '/api/rooms/{room}/files/{file}/parts/{n}', body: new Uint8Array(100), nobody: 401, user: 404, admin: 200 },
  { method: 'GET', path: '/api/rooms/{room}/files/{file}', nobody: 401, user: 404, admin: 200 },
  { method: 'DELETE', path: '/api/rooms/{room}/files/{file}', nobody: 401, user: 404, admin: 204 },
];
