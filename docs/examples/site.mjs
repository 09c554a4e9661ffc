// A site that has its own users and hands them over to Conclave: plain Node, no packages. `node site.mjs`, then open what it prints.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PORT = '8081', CONCLAVE = 'http://localhost:8080', KEY_FILE = './site-key.pem', AUDIENCE = 'conclave' } = process.env;
const KID = 'site-1';

// The private key stays here. Conclave needs the public one only, and fetches it from /jwks.json.
if (!existsSync(KEY_FILE)) {
  const made = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  writeFileSync(KEY_FILE, made.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
const key = createPrivateKey(readFileSync(KEY_FILE));
const jwks = { keys: [{ ...createPublicKey(key).export({ format: 'jwk' }), kid: KID, alg: 'ES256', use: 'sig' }] };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(issuer, user) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: AUDIENCE, sub: user.id, nick: user.name, iat, exp: iat + 60, jti: randomUUID() };
  if (user.rooms) claims.rooms = user.rooms;
  const input = `${encode({ alg: 'ES256', typ: 'JWT', kid: KID })}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

// Where your own sign-in stands: here everybody is Mara.
const whoIsSignedIn = () => ({ id: 'mara@shop.example', name: 'Mara', rooms: ['Lobby'] });
const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const page = (jwt) => `<!doctype html><meta charset="utf-8"><title>My site</title><p>You are signed in as Mara.</p>
<form method="post" action="${escape(CONCLAVE)}/sso"><input type="hidden" name="jwt" value="${jwt}"><button>Open the chat</button></form>`;

const server = createServer((request, response) => {
  const issuer = process.env.ISSUER ?? `http://localhost:${server.address().port}`;
  if (request.url === '/jwks.json') return response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  if (request.url !== '/') return response.writeHead(404).end();
  // A token lives for a minute and opens one session: make it when the page is asked for, and keep the page out of caches.
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  response.end(page(token(issuer, whoIsSignedIn())));
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`The site is at http://localhost:${server.address().port}`));
