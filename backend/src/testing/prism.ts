import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
import { createServer } from '@stoplight/prism-http-server';
import { pino } from 'pino';
import type { World } from './world.ts';

/**
 * A proxy in front of a world that knows the OpenAPI document and nothing else: what the document does not say of an answer (its status, its
 * shape) stands in the header `sl-violations` of what passes through. Requests pass as they are, since wrong ones are what many tests send.
 */
export async function validatingProxy(world: World, document: object): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer(await getHttpOperationsFromSpec(document), {
    cors: false,
    components: { logger: pino({ level: 'silent' }) },
    config: {
      mock: { dynamic: false },
      isProxy: true,
      upstream: new URL(world.origin),
      upstreamProxy: undefined,
      checkSecurity: false,
      validateRequest: false,
      validateResponse: true,
      errors: false,
    },
  });
  return { origin: await server.listen(0, '127.0.0.1'), close: () => server.close() };
}

/** From now on the world's calls are held against its own document. Gives the end of the proxy. */
export async function describedOnly(world: World): Promise<() => Promise<void>> {
  const { origin, close } = await validatingProxy(world, (await world.call('GET', '/api/docs/openapi.json')).body as object);
  world.through = origin;
  return close;
}
