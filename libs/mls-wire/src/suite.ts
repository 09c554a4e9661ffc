import { type CiphersuiteImpl, getCiphersuiteFromName, type CiphersuiteName } from 'ts-mls/crypto/ciphersuite.js';
import { getCiphersuiteImpl } from 'ts-mls/crypto/getCiphersuiteImpl.js';

/** Suite 1 of RFC 9420, all of it in WebCrypto. */
export const SUITE: CiphersuiteName = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

let implementation: Promise<CiphersuiteImpl> | undefined;

export function suite(): Promise<CiphersuiteImpl> {
  implementation ??= getCiphersuiteImpl(getCiphersuiteFromName(SUITE));
  return implementation;
}
