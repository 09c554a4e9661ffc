import type { Route } from './route.ts';

const keys = { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) };

export const pushRoutes: Route[] = [
  { method: 'GET', path: '/api/push', nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/push', body: { endpoint: 'https://10.0.0.1/send', keys }, nobody: 401, user: 400, admin: 400 },
  { method: 'PUT', path: '/api/push', body: { endpoint: 'https://push.example.org/send/1', keys }, nobody: 401, user: 204, admin: 204 },
  { method: 'DELETE', path: '/api/push', nobody: 401, user: 204, admin: 204 },
];
