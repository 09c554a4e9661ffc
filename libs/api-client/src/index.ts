import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

/** Body of every error: decide on `code`, show `text`. */
export type ErrorBody = components['schemas']['ErrorBody'];

/**
 * A client of one Conclave server: paths, parameters, bodies and answers typed by the document the server itself checks requests with.
 * `address` is the server's origin (`https://chat.example.org`), `token` an API token (`cnv_…`). Every call gives `{ data, error, response }`
 * and throws only where there is no answer at all.
 */
export function connect(address: string, token: string): Client<paths> {
  return createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${token}` } });
}
