import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { compactVerify, type CompactVerifyGetKey } from 'jose';
import { ConclaveError, type TokenFault } from '../../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../../config.ts';
import { checkClaims, type HandedOver } from './claims.ts';
import { refused } from './faults.ts';
import { checkHeader } from './header-rules.ts';
import { siteKeys } from './site-keys.ts';
import { takeApart } from './token-parts.ts';

/** Tokens by which an embedding site hands its users over (ACC10). Whether one was used before, `HandoffUses` knows. */
@Injectable()
export class HandoffTokens implements OnModuleInit {
  #keys: CompactVerifyGetKey | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Files that are no keys end the start, with the name of the variable. */
  onModuleInit(): void {
    if (this.config.handoff) this.#keys = siteKeys(this.config.handoff);
  }

  /** Throws `bad-token` with its reason; `not-found` where no site hands over. Signature first: claims are told to nobody who cannot sign. */
  async verify(jwt: string): Promise<HandedOver> {
    const { handoff } = this.config;
    if (!handoff || !this.#keys) throw new ConclaveError('not-found', 'no other site signs people in here');
    const { header, claims } = takeApart(jwt);
    checkHeader(header, handoff.algorithms);
    await this.#verifySignature(jwt, handoff.algorithms);
    return checkClaims(claims, handoff);
  }

  async #verifySignature(jwt: string, algorithms: string[]): Promise<void> {
    try {
      await compactVerify(jwt, this.#keys!, { algorithms });
    } catch (error) {
      throw error instanceof ConclaveError ? error : refused('bad-signature' satisfies TokenFault);
    }
  }
}
