import { Client, type ClientConfig } from 'pg';

/**
 * A connection whose end is nobody's surprise. Between two statements of a transaction nobody listens to it, and an `error` event without a
 * listener ends the whole process; what is asked of it next fails with the same error, and that is heard.
 */
export class SteadyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
