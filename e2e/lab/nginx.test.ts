import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestServer } from '../server.ts';
import { needProgram } from './debian.ts';
import { eventually, freePort } from './free-port.ts';

const HOST = 'chat.example.org';
const ORIGIN = `https://${HOST}`;
type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

describe('docker/nginx.conf in a real nginx, in front of the server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-lab-nginx-'));
  const conf = join(dir, 'nginx.conf');
  let nginx: ChildProcess;
  let server: TestServer;
  let tls = 0;
  let plain = 0;

  /** The site file as it is shipped, but for ports, addresses and the certificate. */
  function site(): string {
    const replaced: [from: RegExp, to: string][] = [
      [/^\s*listen \[::\].*\n/gm, ''],
      [/listen 80;/, `listen 127.0.0.1:${plain};`],
      [/listen 443 ssl;/, `listen 127.0.0.1:${tls} ssl;`],
      [/\/etc\/letsencrypt\/live\/chat\.example\.org\/fullchain\.pem/, join(dir, 'cert.pem')],
      [/\/etc\/letsencrypt\/live\/chat\.example\.org\/privkey\.pem/, join(dir, 'key.pem')],
      [/server 127\.0\.0\.1:8080;/, `server 127.0.0.1:${server.port};`],
    ];
    return replaced.reduce(
      (text, [from, to]) => {
        expect(text).toMatch(from);
        return text.replace(from, to);
      },
      readFileSync('docker/nginx.conf', 'utf8'),
    );
  }

  beforeAll(async () => {
    const program = needProgram('nginx');
    chmodSync(dir, 0o755);
    [tls, plain] = [await freePort(), await freePort()];
    server = await TestServer.start({ PUBLIC_URL: ORIGIN, TRUSTED_PROXIES: 'loopback' });
    execFileSync(needProgram('openssl'), [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', `/CN=${HOST}`],
      ...['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')],
    ]);
    writeFileSync(join(dir, 'site.conf'), site());
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ');
    writeFileSync(
      conf,
      `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1; events {}\nhttp { access_log off; ${temporary} include ${dir}/site.conf; }\n`,
    );
    nginx = spawn(program, ['-p', dir, '-c', conf], { stdio: 'ignore' });
    await eventually('nginx answers', async () => (await ask('/healthz').catch(() => null))?.status === 200);
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => nginx.once('exit', resolve));
    nginx.kill('SIGQUIT');
    await ended;
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function ask(path: string, body?: object, overTls = true): Promise<Answer> {
    const headers = { host: HOST, ...(body ? { 'content-type': 'application/json' } : {}) };
    const options = { host: '127.0.0.1', port: overTls ? tls : plain, path, method: body ? 'POST' : 'GET', headers, timeout: 5_000 };
    return new Promise((resolve, reject) => {
      const request = (overTls ? httpsRequest : httpRequest)({ ...options, rejectUnauthorized: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      });
      request.on('error', reject);
      request.end(body && JSON.stringify(body));
    });
  }

  const socket = (origin: string) =>
    new WebSocket(`wss://127.0.0.1:${tls}/socket`, { origin, rejectUnauthorized: false, headers: { host: HOST } });

  it('is well-formed', () => {
    const { status, stderr } = spawnSync(needProgram('nginx'), ['-t', '-p', dir, '-c', conf], { encoding: 'utf8' });
    expect(stderr).toContain('test is successful');
    expect(status).toBe(0);
  });

  it('passes the pages on over TLS, and sends everybody else there', async () => {
    expect((await ask('/readyz')).status).toBe(200);
    expect((await ask('/')).body).toContain('<html');
    const away = await ask('/login', undefined, false);
    expect([away.status, away.headers.location]).toEqual([301, `${ORIGIN}/login`]);
  });

  it('tells the server that the connection was TLS: the cookies are Secure', async () => {
    const body = {
      token: server.setupToken,
      username: 'ann',
      displayName: 'Ann',
      password: 'violet kettles over the marsh',
      rooms: ['Lobby'],
    };
    const answer = await ask('/api/setup', body);
    expect(answer.status).toBe(201);
    for (const cookie of answer.headers['set-cookie']!) expect(cookie).toContain('Secure');
    expect(answer.headers['set-cookie']!.length).toBeGreaterThan(0);
  });

  it('passes the WebSocket handshake and frames on, in both directions', async () => {
    const door = socket(ORIGIN);
    await new Promise((resolve, reject) => door.once('open', resolve).once('error', reject));
    const answer = new Promise<string>((resolve) => door.once('message', (data: Buffer) => resolve(data.toString())));
    door.send(JSON.stringify({ type: 'hello', version: 1, ticket: 'none', device: '00000000-0000-0000-0000-000000000000' }));
    expect(JSON.parse(await answer)).toMatchObject({ type: 'error', code: 'bad-ticket' });
    door.terminate();
  });

  it('lets the server see the origin: a foreign page gets no socket', async () => {
    const door = socket('https://elsewhere.example.org');
    const error = await new Promise<Error>((resolve) => door.once('error', resolve));
    expect(error.message).toContain('403');
  });
});
