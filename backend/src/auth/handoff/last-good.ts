import { Logger } from '@nestjs/common';
import type { FetchImplementation } from 'jose';
import { bounded } from './bounded-fetch.ts';

const BYTES = 256 * 1024;
const AGAIN_MS = 5_000;

/** The keys of a site as they were last fetched: they hold for as long as its address does not answer, or answers with something else. */
export class LastGood {
  #body: string | null = null;
  #failedAt = 0;
  readonly #logger = new Logger('handoff');

  /** For jose, which decides when. Without a last good set an address that fails is asked again after 5 s at the earliest. */
  readonly fetch: FetchImplementation = async (url, { headers, signal }) => {
    if (this.#body === null && Date.now() - this.#failedAt < AGAIN_MS)
      throw new Error('the keys of the site could not be fetched just now');
    try {
      const body = (await bounded(url, BYTES, { headers, signal })).toString('utf8');
      requireKeys(body);
      this.#body = body;
    } catch (error) {
      this.#failedAt = Date.now();
      this.#logger.warn(`the keys of the site cannot be fetched (HANDOFF_JWKS): ${error instanceof Error ? error.message : 'no answer'}`);
      if (this.#body === null) throw error;
    }
    return new Response(this.#body, { headers: { 'content-type': 'application/json' } });
  };
}

/** An error page that answers 200 must not take the place of keys. */
function requireKeys(body: string): void {
  const { keys } = JSON.parse(body) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it is not a JWK set with keys');
}
