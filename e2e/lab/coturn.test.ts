import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needProgram } from './debian.ts';
import { eventually, freePort } from './free-port.ts';
import { TurnClient } from './turn-client.ts';

const SECRET = 'a secret of this run of the lab only';
const FORBIDDEN = 403;

/** Made as backend/src/signaling/ice.controller.ts makes them. */
function credentials(secret: string, expiresInS = 3_600): [username: string, password: string] {
  const username = `${Math.floor(Date.now() / 1000) + expiresInS}:somebody`;
  return [username, createHmac('sha1', secret).update(username).digest('base64')];
}

describe('coturn with docker/turnserver.conf', () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-lab-coturn-'));
  let coturn: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const args = ['-c', 'docker/turnserver.conf', `--static-auth-secret=${SECRET}`, '--realm=lab', `--listening-port=${port}`];
    const places = ['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--relay-ip=::1', '--no-tls', '--no-dtls'];
    const files = [`--pidfile=${dir}/pid`, `--userdb=${dir}/db`, '--log-file=stdout'];
    coturn = spawn(needProgram('turnserver'), [...args, ...places, ...files], { stdio: 'ignore' });
    await eventually('coturn answers', async () => {
      const client = new TurnClient(port, ...credentials(SECRET));
      const code = await client.allocate(4).catch(() => -1);
      client.close();
      return code === 0;
    });
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => coturn.once('exit', resolve));
    coturn.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });

  async function codes(family: 4 | 6, peers: string[]): Promise<Record<string, number>> {
    const client = new TurnClient(port, ...credentials(SECRET));
    try {
      expect(await client.allocate(family)).toBe(0);
      const answers: Record<string, number> = {};
      for (const peer of peers) answers[peer] = await client.permit(peer);
      return answers;
    } finally {
      client.close();
    }
  }
  const all = (peers: string[], code: number) => Object.fromEntries(peers.map((peer) => [peer, code]));

  it('lets nobody in without the secret, or with credentials that have run out', async () => {
    for (const wrong of [credentials('another secret altogether'), credentials(SECRET, -60)]) {
      const client = new TurnClient(port, ...wrong);
      expect(await client.allocate(4)).toBe(401);
      client.close();
    }
  });

  it('relays to public addresses', async () => {
    const peers = ['1.1.1.1', '9.255.255.255', '11.0.0.1', '100.63.255.255', '172.32.0.1', '192.167.255.255', '223.255.255.255'];
    expect(await codes(4, peers)).toEqual(all(peers, 0));
  });

  it('relays nowhere into special IPv4 ranges: this machine, local networks, cloud metadata', async () => {
    const peers = [
      ...['0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
      ...['172.16.0.1', '172.31.255.255', '192.0.0.8', '192.168.0.1', '192.168.255.255', '198.18.0.1', '198.19.255.255'],
      ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ];
    expect(await codes(4, peers)).toEqual(all(peers, FORBIDDEN));
  });

  it('relays to public IPv6 addresses, and nowhere into special ones, nor to IPv4 behind a mapped or translated address', async () => {
    const open = ['2606:4700::1111', '2a00::1'];
    expect(await codes(6, open)).toEqual(all(open, 0));
    const closed = [
      '::',
      '::1',
      '::ffff:7f00:1',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a00:1',
      '2002:a00:1::1',
      'fc00::1',
      'fdff::1',
      'fe80::1',
      'ff02::1',
    ];
    expect(await codes(6, closed)).toEqual(all(closed, FORBIDDEN));
  });
});
