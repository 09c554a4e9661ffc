import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { IceServers } from '../../../libs/protocol/src/index.ts';
import { World } from '../testing/world.ts';
import { Stun } from './stun.service.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function world(environment: Record<string, string>): Promise<World> {
  const made = await World.open({ STUN: 'on', STUN_HOST: '127.0.0.1', STUN_PORT: '0', ...environment });
  open.push(made);
  return made;
}
const stunOf = (made: World) => made.server.app.get(Stun);

async function udp(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  open.push(socket);
  return socket;
}

const request = () => Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);

/** The answers to so many requests, until no more come. */
async function answers(port: number, count: number): Promise<Buffer[]> {
  const socket = await udp();
  const heard: Buffer[] = [];
  socket.on('message', (message) => heard.push(message));
  for (let i = 0; i < count; i++) await new Promise((sent) => socket.send(request(), port, '127.0.0.1', sent));
  // Looked at in turns, since a busy machine may sleep through one long wait without having read the socket.
  for (let turn = 0, seen = -1; turn < 10; turn = heard.length > seen ? 0 : turn + 1) {
    seen = heard.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return heard;
}

describe('the server’s own STUN (MESH5)', () => {
  it('tells a client over UDP where it comes from', async () => {
    const port = stunOf(await world({})).port!;
    const socket = await udp();
    const asked = request();
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(asked, port, '127.0.0.1');
    const heard = await answer;
    expect(heard.subarray(4, 20)).toEqual(asked.subarray(4, 20));
    expect(heard.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port);
  });

  it('answers one address only so often, and a flood hardly at all', async () => {
    const port = stunOf(await world({})).port!;
    const heard = await answers(port, 1_000);
    expect(heard.length).toBeGreaterThanOrEqual(50);
    expect(heard.length).toBeLessThan(200);
  });

  it('is named to browsers under the host they know, unless others are configured or it is switched off', async () => {
    const listed = async (environment: Record<string, string>) => {
      const made = await world({ PUBLIC_URL: 'https://chat.example.org', ...environment });
      const { iceServers } = (await made.call('GET', '/api/ice', undefined, (await made.first('ann')).token)).body as IceServers;
      return { urls: iceServers.flatMap(({ urls }) => urls), port: stunOf(made).port };
    };
    const own = await listed({});
    expect(own.urls).toEqual([`stun:chat.example.org:${own.port}`]);
    expect((await listed({ STUN_URLS: 'stun:other.example.org' })).urls).toEqual(['stun:other.example.org']);
    expect(await listed({ STUN: 'off' })).toEqual({ urls: [], port: null });
    expect((await listed({ PUBLIC_URL: 'http://localhost:8080' })).urls).toEqual([]); // who is here needs none
  });

  it('goes without when its port is taken, and does not name it', async () => {
    const taken = await udp();
    const made = await world({ STUN_PORT: String(taken.address().port), PUBLIC_URL: 'https://chat.example.org' });
    expect(stunOf(made).port).toBeNull();
    expect((await made.call('GET', '/api/ice', undefined, (await made.first('ann')).token)).body).toEqual({ iceServers: [] });
  });
});
