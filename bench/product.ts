import { RealPostgres } from '../e2e/lab/real-postgres.ts';
import { freePort } from '../e2e/lab/free-port.ts';
import { TestServer } from '../e2e/server.ts';
import { cpuOfFamily, pin } from './cpu.ts';
import { House } from './house.ts';
import { LOAD_CORE, SERVER_CORE } from './yardstick.ts';

/** Conclave as it is built, on the server's core; its database on the load's, or embedded in its own process. */
export class Product {
  private constructor(
    readonly server: TestServer,
    readonly house: House,
    private readonly postgres: RealPostgres | null,
  ) {}

  static async start(database: 'postgres' | 'embedded', more: Record<string, string> = {}): Promise<Product> {
    const postgres = database === 'postgres' ? await RealPostgres.start() : null;
    if (postgres) pin(postgres.pid, LOAD_CORE);
    const environment = {
      REGISTRATION: 'open',
      LOG_LEVEL: 'warn',
      ...more,
      ...(postgres ? { DATABASE_URL: await postgres.database() } : {}),
    };
    const place = { host: '127.0.0.1', port: await freePort(), within: ['taskset', '-c', String(SERVER_CORE)] };
    const server = await TestServer.start(environment, place);
    return new Product(server, await House.open(server), postgres);
  }

  get pid(): number {
    return this.server.pid!;
  }
  /** CPU seconds of the database's processes; 0 when it is embedded. */
  get databaseCpu(): number {
    return this.postgres ? cpuOfFamily(this.postgres.pid) : 0;
  }

  async stop(): Promise<void> {
    this.house.everybodyOut();
    await this.server.stop();
    this.postgres?.remove();
  }
}
