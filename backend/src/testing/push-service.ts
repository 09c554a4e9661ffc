import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PushPayload } from '../../../libs/protocol/src/index.ts';

export type Pushed = { path: string; headers: IncomingHttpHeaders; body: Buffer; payload: PushPayload };

/** A push service on loopback together with the browser that subscribed at it: it has the key, and opens what comes (RFC 8291). */
export class PushService {
  readonly pushed: Pushed[] = [];
  /** What is answered to the n-th push, from 0. */
  answers: (n: number) => number = () => 201;
  readonly #key = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  #wake: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    this.#key.generateKeys();
  }

  static async open(): Promise<PushService> {
    const server = createServer();
    const service = new PushService(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.statusCode = service.answers(service.pushed.length);
        response.setHeader('retry-after', '1');
        response.end();
        service.#take(request.url ?? '', request.headers, Buffer.concat(chunks));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  subscription(name = 'one') {
    const { port } = this.server.address() as AddressInfo;
    const keys = { p256dh: this.#key.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `http://127.0.0.1:${port}/${name}`, keys };
  }

  /** The n-th push, from 0, once it has come. */
  async at(n: number): Promise<Pushed> {
    while (this.pushed.length <= n) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.pushed.at(n)!;
  }

  #take(path: string, headers: IncomingHttpHeaders, body: Buffer): void {
    const payload = PushPayload.parse(JSON.parse(this.#open(body).toString('utf8')));
    this.pushed.push({ path, headers, body, payload });
    this.#wake.splice(0).forEach((wake) => wake());
  }

  #open(body: Buffer): Buffer {
    const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 21 + body.at(20)!)];
    const sealed = body.subarray(21 + body.at(20)!);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#key.getPublicKey(), sender]);
    const derive = (secret: Uint8Array, with_: Uint8Array, about: Uint8Array | string, length: number) =>
      Buffer.from(hkdfSync('sha256', secret, with_, about, length));
    const material = derive(this.#key.computeSecret(sender), this.#auth, info, 32);
    const key = derive(material, salt, 'Content-Encoding: aes128gcm\0', 16);
    const decipher = createDecipheriv('aes-128-gcm', key, derive(material, salt, 'Content-Encoding: nonce\0', 12));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)); // a last record ends with 2 and zeros
  }
}
