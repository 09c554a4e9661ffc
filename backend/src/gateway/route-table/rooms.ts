import { encodeParts } from '../../../../libs/protocol/src/index.ts';
import { NOWHERE, type Route } from './route.ts';

const bytes = encodeParts([new Uint8Array(3)]);
const bundle = encodeParts([new Uint8Array(3), new Uint8Array(), new Uint8Array(3)]);

const [key, signature] = ['A'.repeat(43), 'A'.repeat(86)];
const invite = { secretHash: key, publicKey: key, expiresAt: Date.now() + 3_600_000, uses: 1, signature };

export const roomsRoutes: Route[] = [
  { method: 'GET', path: '/api/rooms', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/rooms', body: { name: 'Taken once' }, nobody: 401, user: 201, guest: 403, moderator: 409, admin: 409 },
  { method: 'POST', path: '/api/rooms/{room}/group', body: bytes, nobody: 401, user: 404, admin: 422 },
  { method: 'POST', path: '/api/rooms/{room}/commits?generation=0&epoch=0', body: bundle, nobody: 401, user: 404, admin: 409 },
  {
    method: 'POST',
    path: '/api/rooms/{room}/restored?generation=0&epoch=0&count=1',
    body: new Uint8Array(8),
    nobody: 401,
    user: 404,
    admin: 409,
  },
  { method: 'POST', path: '/api/rooms/{room}/admission', body: {}, nobody: 401, user: 404, admin: 409 },
  { method: 'GET', path: '/api/rooms/{room}/log/{pos}', nobody: 401, user: 404, admin: 404 },
  { method: 'POST', path: '/api/rooms/{room}/key-packages', body: { devices: [NOWHERE] }, nobody: 401, user: 404, admin: 404 },
  { method: 'POST', path: '/api/rooms/{room}/rejoin', nobody: 401, user: 404, admin: 403 },
  { method: 'POST', path: '/api/rooms/find', body: { name: 'No such room' }, nobody: 401, user: 404, admin: 404 },
  { method: 'PATCH', path: '/api/rooms/{room}', body: { topic: 'Rows' }, nobody: 401, user: 404, admin: 200 },
  { method: 'PUT', path: '/api/rooms/{room}/password', body: { admission: key }, nobody: 401, user: 404, admin: 409 },
  { method: 'PUT', path: '/api/rooms/{room}/members/{user}/role', body: { role: 'member' }, nobody: 401, user: 404, admin: 404 },
  { method: 'GET', path: '/api/rooms/{room}/invites', nobody: 401, user: 404, admin: 200 },
  { method: 'POST', path: '/api/rooms/{room}/invites', body: invite, nobody: 401, user: 404, admin: 400 },
  { method: 'DELETE', path: '/api/rooms/{room}/invites/{id}', nobody: 401, user: 404, admin: 404 },
  { method: 'POST', path: '/api/room-invites/use', body: { secret: key, proof: signature }, nobody: 401, user: 403, admin: 403 },
  { method: 'POST', path: '/api/rooms/{room}/archive', nobody: 401, user: 404, admin: 204 },
  { method: 'POST', path: '/api/rooms/{room}/unarchive', nobody: 401, user: 404, admin: 204 },
  { method: 'POST', path: '/api/direct', body: { user: NOWHERE }, nobody: 401, user: 404, admin: 404 },
  { method: 'GET', path: '/api/me/blocks', nobody: 401, user: 200, admin: 200 },
  { method: 'PUT', path: '/api/me/blocks/{user}', nobody: 401, user: 204, admin: 204 },
  { method: 'DELETE', path: '/api/me/blocks/{user}', nobody: 401, user: 204, admin: 204 },
  {
    method: 'PUT',
    path: '/api/rooms/by-slug/{slug}',
    body: { name: 'By its slug' },
    nobody: 401,
    user: 403,
    admin: 200,
    scope: 'rooms:write',
  },
  // A token has to say whom it asks for.
  { method: 'GET', path: '/api/rooms/{slug}/access', nobody: 401, user: 200, admin: 200, scope: 'rooms:read', token: 400 },
  { method: 'GET', path: '/api/ice', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/rooms/{room}/join', nobody: 401, user: 200, admin: 200 },
  { method: 'POST', path: '/api/rooms/{room}/leave', nobody: 401, user: 204, admin: 204 },
  // Everybody has left it by now; an administrator of the site may delete what stood in the list.
  { method: 'DELETE', path: '/api/rooms/{room}', nobody: 401, user: 404, admin: 204 },
];
