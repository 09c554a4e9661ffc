import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { SteadyClient } from './steady-client.ts';

describe('a connection to Postgres that ends while nobody listens', () => {
  it('does not end the process; the plain client of the library would', () => {
    const gone = new Error('terminating connection due to administrator command');
    expect(() => new SteadyClient().emit('error', gone)).not.toThrow();
    expect(() => new Client().emit('error', gone)).toThrow(gone);
  });
});
