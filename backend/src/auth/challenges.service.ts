import { Inject, Injectable } from '@nestjs/common';
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

const LASTS_MS = 5 * 60_000;
/** Beyond its end, for servers whose clocks differ. */
const REMEMBERED_MS = 3_600_000;
const HEAD_BYTES = 16;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** What a challenge is for. */
export type Purpose = 'passkey-add' | 'passkey' | 'device';

/**
 * What a key signs to come in: once, and within five minutes.
 *
 *   random 12 | ends at, seconds since 1970, 4 | first 16 of the server's HMAC over the purpose, for whom, and the 16 before
 *
 * Nothing is stored until one is used: so no stranger fills the database by asking, and who asks in the name of a device that does not
 * exist gets the same in the same time.
 */
@Injectable()
export class Challenges {
  constructor(@Inject(SECRETS) private readonly secrets: Secrets) {}

  /** `whom`: the account or device that alone may answer; empty for whoever can. */
  make(purpose: Purpose, whom = ''): { challenge: string; expiresAt: number } {
    const expiresAt = Date.now() + LASTS_MS;
    const head = randomBytes(HEAD_BYTES);
    head.writeUInt32BE(Math.floor(expiresAt / 1000), HEAD_BYTES - 4);
    return { challenge: Buffer.concat([head, this.#mac(purpose, whom, head)]).toString('base64url'), expiresAt };
  }

  /** Made here for this, and not yet over; whether it was used before, only `use` knows. */
  isOurs(purpose: Purpose, whom: string, challenge: string): boolean {
    if (!CHALLENGE.test(challenge)) return false;
    const bytes = Buffer.from(challenge, 'base64url');
    const [head, mac] = [bytes.subarray(0, HEAD_BYTES), bytes.subarray(HEAD_BYTES)];
    return timingSafeEqual(mac, this.#mac(purpose, whom, head)) && head.readUInt32BE(HEAD_BYTES - 4) * 1000 > Date.now();
  }

  /** Once on all servers, also when two race. Call it last, in the transaction of what it permits. Throws `bad-credentials`. */
  async use(inside: Queryable, purpose: Purpose, challenge: string): Promise<void> {
    const taken = await inside.run('insert into challenge (hash, kind, expires_at) values ($1, $2, $3) on conflict do nothing', [
      createHash('sha256').update(Buffer.from(challenge, 'base64url')).digest(),
      purpose,
      Date.now() + LASTS_MS + REMEMBERED_MS,
    ]);
    const reason = purpose === 'passkey' ? purpose : undefined;
    if (taken === 0)
      throw new ConclaveError('bad-credentials', 'this answer was used before: ask for another challenge', undefined, reason);
  }

  #mac(purpose: Purpose, whom: string, head: Uint8Array): Buffer {
    return createHmac('sha256', this.secrets.mac).update(`challenge\0${purpose}\0${whom}\0`).update(head).digest().subarray(0, HEAD_BYTES);
  }
}
