import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { base64url } from '../../../libs/protocol/src/index.ts';

/** POST /api/host/proof: 32 random bytes of the asker, and what only who knows the host's token makes of them. */
export const HostChallenge = z.strictObject({ nonce: base64url(43).min(43) });
export const HostProof = z.object({ proof: base64url(43).min(43) });
export type HostProof = z.infer<typeof HostProof>;

export function proofOf(token: string, nonce: string): string {
  return createHmac('sha256', token).update(`conclave host\0${nonce}`).digest('base64url');
}

export function isProof(token: string, nonce: string, proof: string): boolean {
  const [given, expected] = [Buffer.from(proof), Buffer.from(proofOf(token, nonce))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
