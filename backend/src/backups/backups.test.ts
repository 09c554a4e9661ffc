import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  world = await World.open({ BACKUP_MAX_BYTES: '1000' });
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const newId = () => toBase64url(crypto.getRandomValues(new Uint8Array(16)));
const put = (person: Person, phrase: string, snapshot: { id: string; parts: number } | null = null, keys = 'AAAA') =>
  world.call('PUT', '/api/backup', { phrase, keys, snapshot }, person.token);
const get = (person: Person) => world.call('GET', '/api/backup', undefined, person.token);
const drop = (person: Person) => world.call('DELETE', '/api/backup', undefined, person.token);
const putPart = (person: Person, id: string, n: number, bytes: Uint8Array) =>
  world.call('PUT', `/api/backup/parts/${id}/${n}`, bytes, person.token);
const part = (person: Person, id: string, n: number) => world.call('GET', `/api/backup/parts/${id}/${n}`, undefined, person.token);
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const partsStored = async () =>
  (await world.server.app.get(Database).rows<{ n: number }>('select n from backup_part order by n')).map(({ n }) => n);

describe('a sealed backup (E2E10)', () => {
  it('is one’s own, and read once all parts are there', async () => {
    const [phrase, id] = [newId(), newId()];
    expect((await put(ann, phrase)).body).toMatchObject({ phrase, keys: 'AAAA', snapshot: null, maxBytes: 1000 });
    expect((await putPart(ann, id, 0, filled(400, 1))).status).toBe(204);
    expect((await put(ann, phrase, { id, parts: 2 })).body).toMatchObject({ code: 'conflict' });
    expect((await part(ann, id, 0)).status).toBe(404);
    expect((await putPart(ann, id, 1, filled(600, 2))).status).toBe(204);
    expect((await put(ann, phrase, { id, parts: 2 })).body).toMatchObject({ snapshot: { id, parts: 2, bytes: 1000 } });
    expect(Buffer.compare((await part(ann, id, 1)).body, filled(600, 2))).toBe(0);
    expect([(await get(bob)).status, (await part(bob, id, 0)).status]).toEqual([404, 404]);
    expect((await putPart(ann, id, 0, filled(1, 9))).body).toMatchObject({ code: 'conflict' });
  });
  it('gives way to the next snapshot only when that is complete, and keeps no other beside it', async () => {
    const { phrase, snapshot } = (await get(ann)).body;
    const [lost, next] = [newId(), newId()];
    await putPart(ann, lost, 0, filled(900, 3));
    expect((await part(ann, snapshot.id, 0)).status).toBe(200);
    await putPart(ann, next, 0, filled(900, 4));
    expect((await put(ann, phrase, { id: lost, parts: 1 })).body).toMatchObject({ code: 'conflict' });
    await put(ann, phrase, { id: next, parts: 1 });
    expect([(await part(ann, snapshot.id, 0)).status, (await part(ann, next, 0)).status]).toEqual([404, 200]);
    expect(await partsStored()).toEqual([0]);
  });
  it('has at most so many bytes', async () => {
    const id = newId();
    expect((await putPart(ann, id, 0, filled(1001, 5))).body).toMatchObject({ code: 'too-large' });
    await putPart(ann, id, 0, filled(600, 5));
    expect((await putPart(ann, id, 1, filled(401, 5))).body).toMatchObject({ code: 'too-large' });
    expect((await putPart(ann, id, 0, filled(1000, 5))).status).toBe(204); // again, not beside it
  });
  it('is void once there is another phrase', async () => {
    const { snapshot } = (await get(ann)).body;
    const phrase = newId();
    expect((await put(ann, phrase, null, 'BBBB')).body).toMatchObject({ phrase, keys: 'BBBB', snapshot: null });
    expect((await part(ann, snapshot.id, 0)).status).toBe(404);
    expect(await partsStored()).toEqual([]);
  });
  it('is gone when it is turned off, and takes nothing before it is turned on', async () => {
    const id = newId();
    await putPart(ann, id, 0, filled(10, 6));
    expect((await drop(ann)).status).toBe(204);
    expect([(await get(ann)).status, await partsStored()]).toEqual([404, []]);
    expect((await putPart(ann, id, 0, filled(10, 6))).status).toBe(404);
    expect((await drop(ann)).status).toBe(204);
  });
  it('goes with the account, which takes along that there was one', async () => {
    const eve = await world.person('eve');
    await put(eve, newId());
    await putPart(eve, newId(), 0, filled(10, 7));
    const { body } = await world.call('GET', '/api/me/export', undefined, eve.token);
    expect(body.backup).toMatchObject([{ snapshotAt: null, bytes: 10 }]);
    const { status } = await world.call('POST', '/api/me/deletion', { username: 'eve', password: PASSWORD }, eve.token);
    expect([status, await partsStored()]).toEqual([204, []]);
  });
  it('refuses what is no backup', async () => {
    expect((await put(ann, 'short')).status).toBe(400);
    expect((await put(ann, newId(), null, 'x'.repeat(2000))).status).toBe(400);
    expect((await put(ann, newId(), { id: newId(), parts: 0 })).status).toBe(400);
    expect((await world.call('PUT', `/api/backup/parts/${newId()}/x`, filled(1, 1), ann.token)).status).toBe(400);
    expect((await world.call('PUT', `/api/backup/parts/${newId()}/0`, { not: 'bytes' }, ann.token)).status).toBe(400);
  });
  it('is moved at a measured pace', async () => {
    let status = 0;
    for (let i = 0; i < 150 && status !== 429; i++) ({ status } = await get(bob));
    expect(status).toBe(429);
  });
});
