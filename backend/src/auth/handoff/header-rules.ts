import type { HandoffAlgorithm } from '../../handoff-settings.ts';
import { refused } from './faults.ts';

const types: ReadonlySet<string> = new Set(['jwt', 'application/jwt']);

/**
 * What a header may say (RFC 8725): the algorithm is one of those configured, never the header's choice; `kid` is looked up among the keys we have;
 * whatever brings a key, or an address to fetch one from, is refused rather than ignored. A token for another purpose (`typ`) is none of ours.
 */
export function checkHeader(header: Record<string, unknown>, allowed: readonly HandoffAlgorithm[]): void {
  if (!allowed.some((algorithm) => algorithm === header['alg'])) throw refused('algorithm-not-allowed');
  if (['jku', 'jwk', 'x5u', 'x5c'].some((name) => name in header)) throw refused('embedded-key');
  if ('crit' in header || 'b64' in header) throw refused('critical-header');
  const { typ, kid } = header;
  if (typ !== undefined && !(typeof typ === 'string' && types.has(typ.toLowerCase()))) throw refused('malformed');
  if ('enc' in header || 'zip' in header) throw refused('malformed');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 255)) throw refused('unknown-key');
}
