import { ConclaveError, IceServers } from '../../../protocol/src/index.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';

/** STUN and TURN servers as the site names them now, or, when it cannot be asked, as it did last. */
export class Ice {
  #known: RTCConfiguration = { iceServers: [] };

  constructor(
    private readonly rest: RestClient,
    private readonly store: Store,
    /** Others may be reached by them now. */
    private readonly fetched: () => void,
  ) {}

  get configuration(): RTCConfiguration {
    return this.#known;
  }

  async load(): Promise<void> {
    this.#known = (await this.store.get<IceServers>('meta', 'ice')) ?? this.#known;
  }

  async fetch(): Promise<void> {
    const ice = await this.rest.as('GET', '/api/ice', IceServers);
    this.#known = ice;
    await this.store.write([{ table: 'meta', key: 'ice', value: ice }]); // STUN may answer when the server does not (P-26)
    this.fetched();
  }

  async servers(): Promise<RTCIceServer[]> {
    await this.fetch().catch((error: unknown) => {
      if (!(error instanceof ConclaveError)) throw error;
    });
    return this.#known.iceServers ?? [];
  }
}
