import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { footprint } from '../testing/footprint.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';

/* What a page of another origin, or somebody before the server, can make a browser or a proxy send. */
type Paths = Record<string, Record<string, { security?: unknown[] }>>;
let world: World;
let ann: Person;
let room: string;
let cookie: string;
let closed: [method: string, path: string][];
let open: [method: string, path: string][];

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  room = (await world.call('GET', '/api/rooms', undefined, ann.token)).body.rooms[0].id;
  const answer = await world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD });
  cookie = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0]).join('; '); // prettier-ignore
  const { paths } = (await world.call('GET', '/api/docs/openapi.json')).body as { paths: Paths };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { security }]) => ({ method: method.toUpperCase(), path, isOpen: security === undefined })),
  );
  const [publicOnes, others] = [true, false].map((which) => operations.filter(({ isOpen }) => isOpen === which));
  open = publicOnes.map(({ method, path }) => [method, path]);
  closed = others.map(({ method, path }) => [method, path]);
});
afterAll(() => world.close());

const filled = (path: string) => {
  const known: Record<string, string> = { user: ann.id, room, device: ann.keys.device };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '00000000-0000-4000-8000-000000000000');
};

describe('a browser that is signed in', () => {
  it('opens nothing by its cookies alone, whatever the route and however the body is written', async () => {
    expect(closed.length).toBeGreaterThan(40);
    const before = await footprint(world);
    for (const [method, path] of closed) {
      for (const type of method === 'GET' ? [undefined] : ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined]) {
        const headers = { cookie, origin: 'https://evil.example', ...(type === undefined ? {} : { 'content-type': type }) };
        const { status } = await fetch(world.origin + filled(path), { method, headers, ...(type === undefined ? {} : { body: '{}' }) });
        expect([method, path, type, status]).toEqual([method, path, type, 401]);
      }
    }
    expect(await footprint(world)).toEqual(before);
  }); // prettier-ignore

  it('signs nobody in for a page of another origin, by whatever form: the browser tells where it comes from', async () => {
    const sent = (site: string | undefined, path = '/api/auth/login') =>
      fetch(world.origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...(site === undefined ? {} : { 'sec-fetch-site': site }) },
        body: new URLSearchParams({ username: 'ann', password: PASSWORD }),
      });
    for (const site of ['cross-site', 'same-site', 'nonsense']) {
      const refused = await sent(site);
      expect([site, refused.status, refused.headers.getSetCookie()]).toEqual([site, 403, []]);
    }
    for (const site of ['same-origin', 'none', undefined]) expect([site, (await sent(site)).status]).toEqual([site, 200]);
  });

  it('changes nothing by GET or HEAD: what changes something is another method, and is no route by GET', async () => {
    const before = await footprint(world);
    const reads = new Set([...closed, ...open].filter(([method]) => method === 'GET').map(([, path]) => path));
    expect(reads.size).toBeGreaterThan(15);
    const headers = { authorization: `Bearer ${ann.token}`, cookie };
    for (const path of reads)
      for (const method of ['GET', 'HEAD']) expect((await fetch(world.origin + filled(path), { method, headers })).status).toBeLessThan(500);
    for (const [, path] of [...closed, ...open].filter((route) => !reads.has(route[1])))
      expect([path, [200, 404].includes((await world.call('GET', filled(path), undefined, ann.token, { cookie })).status)]).toEqual([path, true]);
    expect(await footprint(world)).toEqual(before);
    expect((await world.call('GET', '/api/me', undefined, ann.token)).status).toBe(200);
    expect((await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie })).status).toBe(200); // nobody was signed out
  }); // prettier-ignore
});

describe('where a request ends', () => {
  const said = async (head: string, body: string): Promise<string[]> => {
    const wire = connect(Number(new URL(world.origin).port), '127.0.0.1');
    wire.write(`POST /api/auth/login HTTP/1.1\r\nHost: chat.test\r\nContent-Type: application/json\r\n${head}\r\n${body}`);
    setTimeout(() => wire.end(), 500).unref();
    return [...(await text(wire)).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  };
  const second = 'GET /healthz HTTP/1.1\r\nHost: chat.test\r\nConnection: close\r\n\r\n';

  it.each([
    ['two ways at once', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `0\r\n\r\n${second}`],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 90\r\n', `{}${second}`],
    ['a length that is a list', 'Content-Length: 2, 2\r\n', `{}${second}`],
    ['a length with a sign', 'Content-Length: +2\r\n', `{}${second}`],
    ['an encoding that is none', 'Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${second}`],
    ['chunked, and not last', 'Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${second}`],
    ['a space before the colon', 'Content-Length : 2\r\n', `{}${second}`],
    ['a folded line', 'X: y\r\n Content-Length: 2\r\n', `{}${second}`],
    ['a bare line feed', 'Content-Length: 2\nX: y\r\n', `{}${second}`],
    ['a chunk that is no number', 'Transfer-Encoding: chunked\r\n', `zz\r\n{}\r\n0\r\n\r\n${second}`],
  ])('is not told by %s: one refusal, and nothing after it is read', async (_, head, body) => {
    expect(await said(head, body)).toEqual(['400']);
  });

  it('is told by a length or by chunks', async () => {
    expect(await said('Content-Length: 2\r\n', `{}${second}`)).toEqual(['400', '200']); // {} is no login
    expect(await said('Transfer-Encoding: chunked\r\n', `2\r\n{}\r\n0\r\n\r\n${second}`)).toEqual(['400', '200']);
  });
});
