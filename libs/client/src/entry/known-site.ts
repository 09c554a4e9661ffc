import { ConclaveError, SiteConfig } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';

/** What of the site has to be known without the server, too. */
export type SiteRow = Pick<SiteConfig, 'serverKey' | 'relay'> & Partial<Pick<SiteConfig, 'lockAfterMs' | 'files'>>;
const rowOf = ({ serverKey, relay, lockAfterMs, files }: SiteConfig): SiteRow => ({ serverKey, relay, lockAfterMs, files });

/** The site as it says of itself, now or the last time it was reached. */
export class KnownSite {
  readonly view = new MutableCell<SiteConfig | null>(null);

  constructor(private readonly rest: RestClient) {}

  ask(): Promise<SiteConfig> {
    return this.rest.call('GET', '/api/config', SiteConfig);
  }

  /** Somebody is in: it has been set up. */
  isSetUp(): void {
    this.view.update((site) => site && { ...site, setupNeeded: false });
  }

  /** Kept for the next start. Throws ConclaveError `not-ready` when it was never reached. */
  async kept(store: Store): Promise<SiteRow> {
    const site = (this.view.value && rowOf(this.view.value)) ?? (await store.get<SiteRow>('meta', 'site'));
    if (!site) throw new ConclaveError('not-ready', 'This browser has never reached the server.');
    await store.write([{ table: 'meta', key: 'site', value: site }]);
    return site;
  }
}
