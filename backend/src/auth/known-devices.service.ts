import { Inject, Injectable } from '@nestjs/common';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SECRETS, type Secrets } from '../secrets.ts';

/** Browsers that have signed in to an account before; they keep an allowance of their own, so that no stranger can lock its owner out (ACC5). */
@Injectable()
export class KnownDevices {
  constructor(@Inject(SECRETS) private readonly secrets: Secrets) {}

  /** Browser id and MAC over it and the name: only a browser that has signed in to this very account has one. */
  cookieFor(username: string): string {
    const id = randomBytes(16).toString('base64url');
    return `${id}.${this.#mac(username, id)}`;
  }

  /** The browser's id when the cookie was made here for this account, else null. */
  deviceOf(username: string, cookie: string | undefined): string | null {
    const [id = '', mac = ''] = (cookie ?? '').split('.');
    const expected = Buffer.from(this.#mac(username, id));
    const shown = Buffer.from(mac);
    return expected.length === shown.length && timingSafeEqual(expected, shown) ? id : null;
  }

  #mac(username: string, id: string): string {
    return createHmac('sha256', this.secrets.mac).update(`known\0${username}\0${id}`).digest('base64url');
  }
}
