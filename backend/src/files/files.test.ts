import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filePart, toBase64url } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { World, type Person } from '../testing/world.ts';
import { byteRange } from './byte-range.ts';
import { SealedFiles } from './sealed-files.service.ts';

const DAY = 86_400_000;
let world: World;
let ann: Person;
let bob: Person;
let eve: Person;
let room: string;

beforeAll(async () => {
  world = await World.open({
    FILE_MAX_BYTES: String(3 * filePart),
    FILE_QUOTA_BYTES: String(4 * filePart),
    FILE_STORE_BYTES: String(6 * filePart),
  });
  ann = await world.first('ann');
  bob = await world.person('bob');
  eve = await world.person('eve');
  room = (await world.call('POST', '/api/rooms', { name: 'Files' }, ann.token)).body.id;
  await world.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
});
afterAll(() => world.close());

const newId = () => toBase64url(crypto.getRandomValues(new Uint8Array(16)));
const path = (id = '', more = '') => `/api/rooms/${room}/files${id && `/${id}`}${more}`;
const begin = (person: Person, id: string, size: number) => world.call('POST', path(), { id, size }, person.token);
const put = (person: Person, id: string, n: number, bytes: Uint8Array) => world.call('PUT', path(id, `/parts/${n}`), bytes, person.token);
const get = (person: Person, id: string, range?: string) => world.call('GET', path(id), undefined, person.token, range ? { range } : {});
const status = (person: Person, id: string) => world.call('GET', path(id, '/parts'), undefined, person.token);
const drop = (person: Person, id: string) => world.call('DELETE', path(id), undefined, person.token);
const bytes = (length: number, seed = 7) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);
const placeOf = (id: string) => join(world.dir, 'files', room, Buffer.from(id, 'base64url').toString('hex'));
const database = () => world.server.app.get(Database);
const sweep = (now?: number) => world.server.app.get(SealedFiles).sweep(now);

describe('a sealed file', () => {
  it('comes in parts, in any order, is gone on with, and reads back whole and in stretches', async () => {
    const [id, all] = [newId(), bytes(filePart + 1000)];
    expect((await begin(ann, id, all.length)).body).toMatchObject({ id, size: all.length, parts: [], complete: false });
    expect((await put(ann, id, 1, all.subarray(filePart))).body).toMatchObject({ parts: [1], complete: false });
    expect((await get(bob, id)).status).toBe(404);
    expect((await begin(ann, id, all.length)).body).toMatchObject({ parts: [1], complete: false });
    expect((await put(ann, id, 0, all.subarray(0, filePart))).body).toMatchObject({ parts: [0, 1], complete: true });
    const whole = await get(bob, id);
    expect([whole.status, Buffer.compare(whole.body, all)]).toEqual([200, 0]);
    const across = await get(bob, id, `bytes=${filePart - 10}-${filePart + 9}`);
    expect([across.status, across.headers.get('content-range')]).toEqual([206, `bytes ${filePart - 10}-${filePart + 9}/${all.length}`]);
    expect(Buffer.compare(across.body, all.subarray(filePart - 10, filePart + 10))).toBe(0);
    expect((await get(bob, id, `bytes=${all.length}-`)).status).toBe(400);
    expect((await put(ann, id, 0, all.subarray(0, filePart))).status).toBe(409);
    expect((await drop(bob, id)).status).toBe(403);
    expect((await drop(ann, id)).status).toBe(204);
    expect([(await get(bob, id)).status, existsSync(placeOf(id))]).toEqual([404, false]);
  });

  it('has parts of exactly the length they have to have', async () => {
    const id = newId();
    await begin(ann, id, filePart + 5);
    for (const wrong of [4, 6]) expect([400, 413]).toContain((await put(ann, id, 1, bytes(wrong))).status);
    expect((await put(ann, id, 0, bytes(5))).status).toBe(400);
    expect((await put(ann, id, 2, bytes(5))).status).toBe(400);
    expect((await world.call('PUT', path(id, '/parts/0'), { not: 'bytes' }, ann.token)).status).toBe(400);
    expect([(await status(ann, id)).body.parts, readdirSync(placeOf(id))]).toEqual([[], []]);
    await drop(ann, id);
  });

  it('leaves nothing of a part that breaks off', async () => {
    const id = newId();
    await begin(ann, id, filePart);
    await new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/octet-stream', 'content-length': filePart };
      const broken = request(world.origin + path(id, '/parts/0'), { method: 'PUT', headers });
      broken.on('error', () => resolve());
      broken.write(bytes(100_000), () => setTimeout(() => broken.destroy(), 100));
    });
    await expect.poll(() => existsSync(placeOf(id)) && readdirSync(placeOf(id))).toEqual([]);
    expect((await put(ann, id, 0, bytes(filePart))).body.complete).toBe(true);
    await drop(ann, id);
  });

  it('is there for members only, and others see what they see where there is none', async () => {
    const id = newId();
    await begin(ann, id, 100);
    await put(ann, id, 0, bytes(100));
    const missing = `/api/rooms/00000000-0000-4000-8000-000000000000/files/${id}`;
    for (const [method, more] of [
      ['GET', ''],
      ['GET', '/parts'],
      ['DELETE', ''],
    ] as const) {
      const hidden = await world.call(method, path(id, more), undefined, eve.token);
      expect([hidden.status, hidden.body]).toEqual([404, (await world.call(method, missing + more, undefined, eve.token)).body]);
    }
    expect((await begin(eve, newId(), 100)).status).toBe(404);
    expect((await put(bob, id, 0, bytes(100))).status).toBe(403);
    expect((await begin(bob, id, 100)).status).toBe(409);
    await world.call('POST', `/api/rooms/${room}/leave`, {}, bob.token);
    expect((await get(bob, id)).status).toBe(404);
    await world.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
    expect((await get(bob, id)).status).toBe(200);
    await drop(ann, id);
  });

  it('is no larger than the house says, and takes no more than its author’s share, nor all more than there is', async () => {
    const config = (await world.call('GET', '/api/config')).body;
    expect(config.files).toEqual({ maxBytes: 3 * filePart, days: 30 });
    const refused = async (person: Person, size: number) => {
      const { status, body } = await begin(person, newId(), size);
      return [status, body.reason];
    };
    expect(await refused(ann, 3 * filePart + 1)).toEqual([413, 'file-size']);
    const [own, his] = [newId(), newId()];
    await begin(ann, own, 3 * filePart);
    expect(await refused(ann, filePart + 1)).toEqual([413, 'file-quota']);
    await begin(bob, his, 2 * filePart);
    expect(await refused(bob, filePart + 1)).toEqual([503, 'file-store']);
    expect((await begin(bob, newId(), 100)).status).toBe(200);
    await drop(ann, own);
    expect((await begin(ann, newId(), filePart + 1)).status).toBe(200);
    await database().run('delete from sealed_file');
    await sweep();
  });

  it('is not stored where the house stores none', async () => {
    for (const environment of [{ RELAY: 'off' }, { FILE_MAX_BYTES: '0' }] as Record<string, string>[]) {
      const other = await World.open(environment);
      try {
        const person = await other.first('ann');
        expect((await other.call('GET', '/api/config')).body.files).toBeNull();
        const there = (await other.call('GET', '/api/rooms', undefined, person.token)).body.mine[0];
        expect((await other.call('POST', `/api/rooms/${there}/files`, { id: newId(), size: 100 }, person.token)).status).toBe(404);
      } finally {
        await other.close();
      }
    }
  });
});

describe('housekeeping', () => {
  const stored = async (id: string, person = ann) => {
    await begin(person, id, 100);
    await put(person, id, 0, bytes(100));
    return id;
  };
  const there = async (id: string) => (await get(bob, id)).status === 200 && existsSync(placeOf(id));

  it('drops what has expired or was left half done, and bytes that belong to nothing, and nothing else', async () => {
    const [fresh, left] = [await stored(newId()), newId()];
    await begin(ann, left, filePart + 1);
    await put(ann, left, 1, bytes(1));
    await sweep();
    expect([await there(fresh), (await status(ann, left)).status]).toEqual([true, 200]);
    await sweep(Date.now() + 2 * DAY);
    expect([await there(fresh), (await status(ann, left)).status, existsSync(placeOf(left))]).toEqual([true, 404, false]);
    await database().run('delete from sealed_file where id = $1', [fresh]);
    await sweep();
    expect(existsSync(placeOf(fresh))).toBe(false);
    const old = await stored(newId());
    await sweep(Date.now() + 31 * DAY);
    expect([await there(old), existsSync(placeOf(old))]).toEqual([false, false]);
  });

  it('keeps no longer than the room does, and nothing of a room that everybody has left', async () => {
    const id = await stored(newId());
    await database().run('update room set retention_days = 7 where id = $1', [room]);
    await sweep(Date.now() + 6 * DAY);
    expect(await there(id)).toBe(true);
    await sweep(Date.now() + 8 * DAY);
    expect(await there(id)).toBe(false);
    await database().run('update room set retention_days = null where id = $1', [room]);
    const last = await stored(newId());
    await database().run('delete from membership where room = $1', [room]);
    await sweep();
    expect(existsSync(placeOf(last))).toBe(false);
  });
});

describe('a range', () => {
  it('is one stretch, its end or its beginning; anything else is all of it, or nothing', () => {
    expect(byteRange('bytes=0-9', 100)).toEqual({ from: 0, to: 10 });
    expect(byteRange('bytes=90-200', 100)).toEqual({ from: 90, to: 100 });
    expect(byteRange('bytes=50-', 100)).toEqual({ from: 50, to: 100 });
    expect(byteRange('bytes=-10', 100)).toEqual({ from: 90, to: 100 });
    expect(byteRange('bytes=-200', 100)).toEqual({ from: 0, to: 100 });
    for (const none of [undefined, '', 'bytes=-', 'bytes=0-1,5-6', 'bytes=9-1', 'lines=1-2', 'bytes=a-b'])
      expect(byteRange(none, 100)).toBeNull();
    for (const beyond of ['bytes=100-', 'bytes=100-200', 'bytes=-0']) expect(byteRange(beyond, 100)).toBe('unsatisfiable');
  });
});
