import { ConclaveError } from '../../../protocol/src/index.ts';
import { offerLink, useLink } from '../linking.ts';
import type { Recovery } from '../recovery/recovery.ts';
import { SealError } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Entry } from './entry.ts';
import type { OwnDevice } from './own-device.ts';
import type { Whereabouts } from './whereabouts.ts';

/** How a browser without a device key of the account (`needs-device`) gets one: from another device, by the recovery phrase, or a new one. */
export class NewDevice {
  constructor(
    private readonly rest: RestClient,
    private readonly here: Whereabouts,
    private readonly own: OwnDevice,
    private readonly recovery: Recovery,
    private readonly entry: Entry,
  ) {}

  offerLink() {
    return offerLink(this.rest, this.here.must().sealer);
  }

  async useLink(code: string): Promise<void> {
    const { sealer, me } = this.here.must();
    try {
      await this.own.register(await useLink(this.rest, sealer, code, me.id));
    } catch (error) {
      if (error instanceof SealError && error.code === 'bad-link')
        throw new ConclaveError('bad-request', 'This code does not fit. Check it, or ask for a new one.');
      throw error;
    }
    await this.entry.go();
  }

  async useRecoveryPhrase(words: string): Promise<void> {
    await this.own.register(await this.recovery.recover(this.here.must().me.id, words));
    await this.entry.go();
  }

  async resetAccountKey(): Promise<void> {
    const { sealer, me } = this.here.must();
    await this.own.register(await sealer.enroll(me.id), true);
    await this.recovery.turnOff(); // it holds the key that is no more
    await this.entry.go();
  }
}
