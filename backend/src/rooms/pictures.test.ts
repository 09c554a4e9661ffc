import { createServer, type Server } from 'node:http';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Site } from '../testing/site.ts';
import { World } from '../testing/world.ts';
import { Pictures } from './pictures.service.ts';

describe('pictures of the site (ACC10)', () => {
  const site = new Site();
  let world: World;
  let pictures: Server;
  afterEach(async () => {
    pictures.close();
    await world.close();
  });

  it('are fetched once, from the site only, made anew, and hold up nobody', async () => {
    const png = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'red' } })
      .withExif({ IFD0: { Copyright: 'here' } })
      .png()
      .toBuffer();
    const asked: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    pictures = createServer((request, response) => {
      asked.push(request.url!);
      if (request.url === '/away') response.writeHead(302, { location: '/d.png' }).end();
      else if (request.url === '/large') response.end(Buffer.alloc(1024 * 1024 + 1));
      else if (request.url === '/text') response.end('<svg/>');
      else if (request.url === '/gone') response.writeHead(404).end(png);
      else if (request.url === '/other.png') response.end(png);
      else void held.then(() => response.end(png));
    });
    await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(pictures.address() as { port: number }).port}`;
    world = await World.open(site.environment({ HANDOFF_SITE: origin }));
    await world.first('ann');
    const database = world.server.app.get(Database);
    const settled = () => world.server.app.get(Pictures).settled();
    const avatar = async () =>
      (await database.rows<{ hash: string | null }>(`select avatar_hash as hash from account where username = 'dora'`))[0]?.hash;
    const come = async (claims: Record<string, unknown>) => world.call('POST', '/api/auth/handoff', { jwt: await site.token(claims) });

    for (const img of [
      '/away',
      '/large',
      '/text',
      '/gone',
      `${origin.replace('127.0.0.1', 'localhost')}/other.png`, // answered, but of another origin
      `${origin.replace('http:', '').replace('127.0.0.1', 'localhost')}/other.png`,
      'file:///etc/passwd',
      `${origin.replace('//', '//a:b@')}/d.png`,
    ]) {
      expect((await come({ img })).status).toBe(200);
      await settled();
      expect([img, await avatar()]).toEqual([img, null]);
    }
    expect(asked).toEqual(['/away', '/large', '/text', '/gone']);

    const { accessToken } = (await come({ img: 'd.png' })).body; // while the picture is held back
    release();
    await settled();
    const hash = await avatar();
    const answer = await world.call('GET', `/api/avatars/${hash}`, undefined, accessToken);
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(await sharp(answer.body).metadata()).toMatchObject({ format: 'webp', width: 256, height: 256 });
    expect(Buffer.from(answer.body).includes('here')).toBe(false);
    await come({ img: `${origin}/d.png` });
    await settled();
    expect(asked.filter((path) => path === '/d.png')).toHaveLength(1);
  });
});
