import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { DataSource, type MixedList, type QueryRunner } from 'typeorm';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import type { Config } from '../config.ts';
import { embeddedDriver, openEmbedded } from './embedded.ts';
import { isDeadlock, named, unavailable } from './failures.ts';
import { lockDirectory } from './lock.ts';
import { Foundation1763700000000 } from './migrations/1763700000000-foundation.ts';
import { Doors1763800000000 } from './migrations/1763800000000-doors.ts';
import { Rooms1763900000000 } from './migrations/1763900000000-rooms.ts';
import { Notices1764100000000 } from './migrations/1764100000000-notices.ts';
import { Files1764000000000 } from './migrations/1764000000000-files.ts';
import { Backups1764200000000 } from './migrations/1764200000000-backups.ts';
import { Newcomers1764300000000 } from './migrations/1764300000000-newcomers.ts';
import { Contexts1764400000000 } from './migrations/1764400000000-contexts.ts';
import { SteadyClient } from './steady-client.ts';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own name for a list of classes
const migrations: MixedList<Function | string> = [
  Foundation1763700000000,
  Doors1763800000000,
  Rooms1763900000000,
  Notices1764100000000,
  Files1764000000000,
  Backups1764200000000,
  Newcomers1764300000000,
  Contexts1764400000000,
];

const ATTEMPTS = 4;
const COMPLAIN_MS = 5_000;
/** No wait for the database is without end. */
const LONGEST_MS = 15_000;

/** What a query may run on: the database itself, or the one transaction it is part of. */
export interface Queryable {
  /** Rows of a SELECT or of RETURNING. */
  rows<T>(sql: string, params?: unknown[]): Promise<T[]>;
  /** Number of rows that an INSERT, UPDATE or DELETE touched. */
  run(sql: string, params?: unknown[]): Promise<number>;
}

/** Inside a transaction use only what the callback is given: the embedded database has one session, anything else waits for itself. */
export class Database implements Queryable, OnApplicationShutdown {
  #source!: DataSource;
  #embedded: PGlite | undefined;
  #unlock: (() => void) | undefined;
  /** Another at every start: from the outside a database that was set back cannot be told from one that was not (delivery.md D11). */
  readonly incarnation = randomUUID();
  readonly #config: Config;
  readonly #logger = new Logger(Database.name);
  #complained = 0;

  constructor(config: Config) {
    this.#config = config;
  }

  async open(): Promise<void> {
    this.#source = new DataSource(await this.#options());
    await this.#source.initialize();
    await this.#source.runMigrations({ transaction: 'each' });
  }

  rows<T>(sql: string, params: unknown[] = []): Promise<T[]> {
    return this.#with((inside) => over(inside).rows<T>(sql, params));
  }

  run(sql: string, params: unknown[] = []): Promise<number> {
    return this.#with((inside) => over(inside).run(sql, params));
  }

  /** Begins again when two wait for each other: so `work` must change nothing but the database. */
  async transaction<T>(work: (inside: Queryable) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#with((runner) => once(runner, work));
      } catch (error) {
        if (attempt === ATTEMPTS || !isDeadlock(error)) throw error;
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#source?.isInitialized) await this.#source.destroy();
    if (this.#embedded && !this.#embedded.closed) await this.#embedded.close();
    this.#unlock?.();
  }

  async #with<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.#source.createQueryRunner();
    try {
      await runner.connect().catch((error: unknown) => {
        throw unavailable(error);
      });
      return await work(runner);
    } catch (error) {
      throw this.#heard(named(error));
    } finally {
      await runner.release();
    }
  }

  /** The log says that the database is away, but not once for every request. */
  #heard(error: unknown): unknown {
    if (error instanceof ConclaveError && error.code === 'unavailable' && Date.now() - this.#complained > COMPLAIN_MS) {
      this.#complained = Date.now();
      this.#logger.error(error.cause ?? error);
    }
    return error;
  }

  async #options(): Promise<ConstructorParameters<typeof DataSource>[0]> {
    const common = { type: 'postgres', migrations, synchronize: false, logging: false, parseInt8: true, installExtensions: false } as const;
    const url = this.#config.databaseUrl;
    if (url !== undefined) {
      const extra = {
        Client: SteadyClient,
        statement_timeout: LONGEST_MS,
        query_timeout: LONGEST_MS + 5_000,
        idle_in_transaction_session_timeout: LONGEST_MS,
      };
      return { ...common, url, poolSize: 10, connectTimeoutMS: 5_000, extra };
    }
    this.#unlock = lockDirectory(this.#config.dataDir);
    const dir = join(this.#config.dataDir, 'postgres');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#embedded = await openEmbedded(dir);
    return { ...common, driver: embeddedDriver(this.#embedded) };
  }
}

async function once<T>(runner: QueryRunner, work: (inside: Queryable) => Promise<T>): Promise<T> {
  await runner.startTransaction();
  try {
    const result = await work(over(runner));
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // When this fails the connection is gone, and the transaction with it: the first error is the one to tell.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

function over(runner: QueryRunner): Queryable {
  const query = (sql: string, params: unknown[] = []) => runner.query(sql, params, true);
  return {
    rows: async <T>(sql: string, params?: unknown[]) => (await query(sql, params)).records as T[],
    run: async (sql, params) => (await query(sql, params)).affected ?? 0,
  };
}
