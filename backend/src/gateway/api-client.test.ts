import openapi, { astToString } from 'openapi-typescript';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockAll } from '../../../libs/api-client/src/example.ts';
import { connect } from '../../../libs/api-client/src/index.ts';
import { World, type Person } from '../testing/world.ts';

/* The published client is made from the document of this very server; `npm run api-client` makes it anew. */
const place = '../../../libs/api-client';
let world: World;
let ann: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
});
afterAll(() => world.close());

describe('the typed client (ACC14)', () => {
  it('is up to date: if not, run `npm run api-client`', async () => {
    const document = (await world.call('GET', '/api/docs/openapi.json')).body;
    const types = astToString(await openapi(document, { alphabetize: true }));
    await expect(`/* Made by \`npm run api-client\` from the server's own document: change nothing here. */\n${types}`).toMatchFileSnapshot(
      `${place}/src/schema.ts`,
    );
  });

  it('has an example that compiles, runs, and is the one of its README', async () => {
    const bob = await world.person('bob-one');
    await world.person('bob-two');
    const { secret } = (
      await world.call('POST', '/api/admin/tokens', { name: 'x', scopes: ['accounts:read', 'accounts:write'] }, ann.token)
    ).body;
    expect(await lockAll(world.origin, secret, 'bob-')).toEqual(['bob-one', 'bob-two']);
    expect((await world.call('GET', '/api/me', undefined, bob.token)).status).toBe(401);
    await expect(lockAll(world.origin, `${secret}x`, 'ann')).rejects.toThrow('this API token is unknown');
    const read = (name: string) => readFileSync(new URL(`${place}/${name}`, import.meta.url), 'utf8');
    expect(read('README.md')).toContain(read('src/example.ts').split('\n').slice(2).join('\n').trim());
  });

  it('says what was refused', async () => {
    const { error, response } = await connect(world.origin, 'cnv_none').GET('/api/admin/statistics');
    expect([response.status, error?.code]).toEqual([401, 'unauthenticated']);
  });
});
