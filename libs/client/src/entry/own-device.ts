import { ConclaveError, toBase64url } from '../../../protocol/src/index.ts';
import type { Identity } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';

/** This browser as a device of the account, by the server's books. */
export class OwnDevice {
  constructor(
    private readonly rest: RestClient,
    private readonly name: () => string,
  ) {}

  register({ device, deviceKey, accountKey, signature }: Identity, resetAccountKey = false): Promise<void> {
    const json = {
      deviceKey: toBase64url(deviceKey),
      accountKey: toBase64url(accountKey),
      signature: toBase64url(signature),
      name: this.name(),
      resetAccountKey,
    };
    return this.rest.ask('PUT', `/api/me/devices/${device}`, { json });
  }

  /** Tells the server which device this session is. False when the account has removed the device, or has another key now. */
  async stillValid(identity: Identity): Promise<boolean> {
    try {
      await this.register(identity);
      return true;
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'conflict' || error.code === 'forbidden') return false;
      // Without the server, or a session, what is stored still opens (ACC16); the server says later what it thinks of it.
      if (error.shouldRetry()) return true;
      throw error;
    }
  }
}
