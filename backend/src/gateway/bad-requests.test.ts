import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorBody } from '../../../libs/protocol/src/index.ts';
import { footprint } from '../testing/footprint.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';

/* security.md "Bad input", over REST: 4xx with an ErrorBody, never a 5xx, and nothing stored. */
let world: World;
let ann: Person;
let room: string;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  room = (await world.call('GET', '/api/rooms', undefined, ann.token)).body.rooms[0].id;
});
afterAll(() => world.close());

async function raw(method: string, path: string, body?: BodyInit, type = 'application/json'): Promise<number> {
  const headers = { authorization: `Bearer ${ann.token}`, ...(body === undefined ? {} : { 'content-type': type }) };
  const response = await fetch(world.origin + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  if (response.status >= 400) expect(ErrorBody.safeParse(JSON.parse(text)).success).toBe(true);
  return response.status;
}

const NOWHERE = '00000000-0000-4000-8000-000000000000';
const KEY = 'A'.repeat(43);
const setup = { token: 'x', username: 'eve', displayName: 'Eve', password: PASSWORD, rooms: ['Lobby'] };
const bodies: [string, string, Record<string, unknown>][] = [
  ['POST', '/api/setup', setup],
  ['POST', '/api/auth/register', { username: 'eve', displayName: 'Eve', password: PASSWORD }],
  ['POST', '/api/auth/login', { username: 'eve', password: PASSWORD }],
  ['POST', '/api/rooms', { name: 'A room' }],
  ['POST', '/api/rooms', { name: 'A vault', kind: 'password', id: NOWHERE, admission: KEY }],
  ['POST', '/api/rooms/find', { name: 'A room' }],
  ['PUT', '/api/rooms/{room}/members/{user}/role', { role: 'member' }],
  ['PUT', '/api/rooms/{room}/password', { admission: KEY }],
  ['POST', '/api/rooms/{room}/invites', { secretHash: KEY, publicKey: KEY, expiresAt: 1, uses: 1, signature: `${KEY}${KEY}` }],
  ['POST', '/api/room-invites/use', { secret: KEY, proof: `${KEY}${KEY}` }],
  ['POST', '/api/direct', { user: NOWHERE }],
  ['PUT', '/api/rooms/by-slug/a-slug', { name: 'By a slug' }],
  ['POST', '/api/invites', { uses: 1 }],
  ['POST', '/api/rooms/{room}/key-packages', { devices: [] }],
  ['PUT', '/api/me/devices/{device}', { deviceKey: 'x', accountKey: 'x', signature: 'x', name: 'x' }],
  ['POST', '/api/me/devices/{device}/key-packages', { packages: [] }],
  ['PUT', '/api/me/links/AAAAAAAAAAAAAAAAAAAAAA/request', { sealed: 'AAAA' }],
];
const at = (path: string) => path.replace('{room}', room).replace('{user}', ann.id).replace('{device}', ann.keys.device);

/** A form whose first part names its character set. */
const parts = (header: string, charset: string) =>
  ['--x', `Content-Disposition: form-data; name="username"`, `${header}: text/plain; charset=${charset}`, '', 'ann', '--x']
    .concat([`Content-Disposition: form-data; name="password"`, '', 'x', '--x--', ''])
    .join('\r\n');

describe('a request body', () => {
  it.each(bodies)('%s %s: one field too many, one of another type, one missing', async (method, path, body) => {
    const before = await footprint(world);
    const spoilt: unknown[] = [
      ...['role', 'id', 'isAdmin', 'owner', 'createdAt', 'x'].map((name) => ({ ...body, [name]: 'admin' })),
      [],
      [body],
      'x',
      1,
      null,
    ];
    for (const field of Object.keys(body)) {
      for (const value of [null, 1e308, -1, true, {}, [[]], { $gt: '' }, 'x\0y', '\ud800', '\u202egnp', 'x'.repeat(100_000)])
        spoilt.push({ ...body, [field]: value });
    }
    for (const value of spoilt) {
      const status = await raw(method, at(path), JSON.stringify(value));
      expect([JSON.stringify(value).slice(0, 100), status >= 400 && status < 500]).toEqual([JSON.stringify(value).slice(0, 100), true]);
    }
    expect(await footprint(world)).toEqual(before);
  });

  it.each([
    ['empty', ''], ['cut short', '{"name":"A ro'], ['deep', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`], ['twice the same key', '{"name":"One","name":"Two"}'],
    ['a key of prototypes', '{"name":"One","__proto__":{"topic":"x"}}'], ['the same, escaped', '{"name":"One","\\u005f_proto__":{"topic":"x"}}'],
    ['NUL', '{"name":"One\\u0000Two"}'], ['half a character', '{"name":"One\\ud800"}'], ['bidi', '{"name":"One\\u202eTwo"}'], ['zero width', '{"name":"One\\u200bTwo"}'],
    ['CRLF', '{"name":"One\\r\\nSet-Cookie: x=1"}'], ['zalgo', `{"name":"${'a\u0301'.repeat(2_000)}"}`], ['too much', `{"name":"${'x'.repeat(600_000)}"}`],
    ['wide', `{"name":"One",${Array.from({ length: 300 }, (_, i) => `"k${i}":1`).join(',')}}`],
  ])('%s is refused', async (_, body) => {
    const status = await raw('POST', '/api/rooms', body);
    expect([400, 413]).toContain(status);
  }); // prettier-ignore

  it('is refused in another encoding, another type, and as bytes that are no UTF-8', async () => {
    const utf16 = Buffer.from('{"name":"Other","__proto__":{}}', 'utf16le');
    expect(await raw('POST', '/api/rooms', utf16, 'application/json; charset=utf-16')).toBe(400);
    expect(await raw('POST', '/api/rooms', Uint8Array.of(0x7b, 0xff, 0x7d))).toBe(400);
    expect(await raw('POST', '/api/rooms', '<name>x</name>', 'application/xml')).toBe(400);
    expect(await raw('POST', '/api/auth/login', 'username=a%00b&password=x', 'application/x-www-form-urlencoded')).toBe(400);
    expect(await raw('PATCH', '/api/me/passkeys/AAAA', 'name=a%00b', 'application/x-www-form-urlencoded')).toBe(400);
    expect(await raw('POST', '/api/auth/login', 'username=a&username=b&password=x', 'application/x-www-form-urlencoded')).toBe(400);
    expect(await raw('POST', '/api/auth/login', '--x\r\nbroken', 'multipart/form-data; boundary=x')).toBe(400);
  });

  describe.each(['utf-7', 'utf-16', 'utf-16le', 'utf-32', 'UTF-32BE', 'latin1', 'iso-8859-1', '"utf-7"', 'utf-8; charset=utf-7'])(
    'that calls itself %s',
    (charset) => {
      it.each([
        ['NUL', '{"name":"In another tongue +AAA-"}'],
        ['a doubled key', '{"name":"One","+AG4-ame":"Two"}'],
        ['a prototype', '{"name":"In another tongue","+AF8AXw-proto+AF8AXw-":{"topic":"x"}}'],
        ['nothing wrong', '{"name":"In another tongue"}'],
      ])('is refused with %s', async (_, body) => {
        expect(await raw('POST', '/api/rooms', Buffer.from(body), `application/json; charset=${charset}`)).toBe(400);
      });

      it('is refused as a form, also in one of its parts', async () => {
        const form = 'username=ann&password=x';
        expect(await raw('POST', '/api/auth/login', form, `application/x-www-form-urlencoded; charset=${charset}`)).toBe(400);
        expect(await raw('POST', '/api/auth/login', parts('Content-Type', charset), 'multipart/form-data; boundary=x')).toBe(400);
        expect(await raw('POST', '/api/auth/login', parts('CONTENT-TYPE', charset), 'multipart/form-data; boundary=x')).toBe(400);
      });
    },
  );

  it('may say that it is UTF-8, in any case', async () => {
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) {
      expect(await raw('POST', '/api/rooms', '{"name":1}', `application/json; charset=${charset}`)).toBe(400);
      expect(await raw('POST', '/api/auth/login', parts('Content-Type', charset), 'multipart/form-data; boundary=x')).toBe(401);
    }
    expect(await raw('POST', '/api/rooms', '{"name":"In the common tongue"}', 'application/json; charset=UTF-8')).toBe(201);
  });

  it('of many parts is refused with NUL, and beyond its size', async () => {
    const long = parts('Content-Type', 'utf-8').replace('x\r\n--x--', `${'x'.repeat(70_000)}\r\n--x--`);
    for (const [form, status] of [
      [parts('Content-Type', 'utf-8').replace('ann', 'a\0n'), 400],
      [long, 413],
    ] as const)
      expect(await raw('POST', '/api/auth/login', form, 'multipart/form-data; boundary=x')).toBe(status);
  });

  it('keeps names that mean something to SQL, to formats and to nobody else', async () => {
    for (const name of ['100% _sure_\\', `Robert'); drop table room;--`, '<b>bold</b> &amp;', '$1 %s ${x}', 'Ünï çødé 雨']) {
      const made = await world.call('POST', '/api/rooms', { name }, ann.token);
      expect([made.status, made.body.name]).toEqual([201, name.normalize('NFC')]);
    }
    expect((await world.call('POST', '/api/rooms', { name: 'ÜNÏ ÇØDÉ 雨' }, ann.token)).body.code).toBe('conflict');
  });
});

describe('a path or a query', () => {
  it.each([
    '/api/rooms/x/join', '/api/rooms/%00/join', '/api/rooms/%E0%A4%A/join', '/api/rooms/..%2f..%2fetc/join', `/api/rooms/${'a'.repeat(5_000)}/join`,
    '/api/rooms/{ROOM}/join', '/api/rooms/{room}%20/join', '/api/rooms/{room}/nothing', '/api/nothing', '/socket',
  ])('%s is refused', async (path) => {
    const status = await raw('POST', path.replace('{room}', room).replace('{ROOM}', room.toUpperCase().replace(/^\d+/, 'A')));
    expect([400, 404]).toContain(status);
  }); // prettier-ignore

  it.each(['-1', '1.5', '1e9', '9999999999999999', '0x1', '%00', '', ' 1', 'NaN'])(
    'a position or an epoch of %j is refused',
    async (value) => {
      expect([400, 404]).toContain(await raw('GET', `/api/rooms/${room}/log/${value}`));
      const bundle = new Uint8Array(12);
      expect(await raw('POST', `/api/rooms/${room}/commits?generation=0&epoch=${value}`, bundle, 'application/octet-stream')).toBe(400);
    },
  );

  it('takes no second value, no unknown and no missing parameter', async () => {
    for (const query of ['', '?generation=0', '?generation=0&epoch=0&x=1', '?generation=0&epoch=0&epoch=1', '?generation[]=0&epoch=0']) {
      expect([query, await raw('POST', `/api/rooms/${room}/commits${query}`, new Uint8Array(12), 'application/octet-stream')]).toEqual([
        query,
        400,
      ]);
    }
  });

  it('refuses binary bodies that lie about their lengths, at any cut', async () => {
    const body = Uint8Array.of(0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 9);
    const commit = (bytes: Uint8Array<ArrayBuffer>) =>
      raw('POST', `/api/rooms/${room}/commits?generation=0&epoch=0`, bytes, 'application/octet-stream');
    for (let length = 0; length < body.length; length++) expect(await commit(body.slice(0, length))).toBe(400);
    expect(await commit(Uint8Array.from([...body, 0]))).toBe(400);
    expect(await commit(Uint8Array.of(255, 255, 255, 255, 1))).toBe(400);
    expect(await commit(body)).toBe(409); // well-formed: there is only no group
    expect(await commit(new Uint8Array(1024 * 1024 + 1))).toBe(413);
  });
});
